import type { Takeovers } from "../people/takeovers.ts";
import type { ConversationParams } from "./schema.ts";
import type { OwnerMessageBody, OwnerMessageHeaders, TakeoverBody } from "./takeover-schema.ts";

/** The parts of Elysia's context that the handlers use. */
interface TakeoverContext {
  readonly params: typeof ConversationParams.static;
  readonly set: { status?: number | string };
}

interface BeginContext extends TakeoverContext {
  readonly body: typeof TakeoverBody.static | null;
}

interface WriteContext extends TakeoverContext {
  readonly body: typeof OwnerMessageBody.static;
  readonly headers: typeof OwnerMessageHeaders.static;
}

/**
 * The handlers by which the owner answers in place of the model. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createTakeoverHandlers(takeovers: Takeovers) {
  return {
    begin: async ({ params, body, set }: BeginContext) => {
      await takeovers.begin(params.id, body?.name);
      set.status = 204;
    },
    end: async ({ params, set }: TakeoverContext) => {
      await takeovers.end(params.id);
      set.status = 204;
    },
    write: async ({ params, body, headers, set }: WriteContext) => {
      const idempotencyKey = headers["idempotency-key"];
      const { id, createdAt } = await takeovers.write(params.id, { ...body, idempotencyKey });
      set.status = 201;
      return { id, at: createdAt };
    },
    showTyping: async ({ params, set }: TakeoverContext) => {
      await takeovers.showTyping(params.id);
      set.status = 204;
    },
  };
}
