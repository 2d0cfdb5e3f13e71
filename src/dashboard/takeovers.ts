import type { ConversationParams } from "../admin/schema.ts";
import type { Link } from "../http/link.ts";
import type { Takeovers } from "../people/takeovers.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import { TAKEOVER_ID, threadPath, WORDS_ID } from "./list-path.ts";
import { seeOther, type Settable } from "./page.ts";
import { type OwnerMessageForm, readList } from "./schema.ts";

interface TakeoverHandlersDeps {
  readonly link: Link;
  readonly takeovers: Takeovers;
  /** The days of the owner's time zone. */
  readonly days: LocalDays;
}

/** The parts of Elysia's context that the handlers use. */
interface ButtonContext {
  readonly params: typeof ConversationParams.static;
  readonly request: Request;
  readonly set: Settable;
}

interface WriteContext extends ButtonContext {
  readonly body: typeof OwnerMessageForm.static;
}

/**
 * The handlers of the forms by which the owner answers in place of the model. Each destructures its context in the
 * parameter list, because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createTakeoverHandlers({ link, takeovers, days }: TakeoverHandlersDeps) {
  const toThread = (set: Settable, id: string, request: Request, place: string) => {
    const { fields } = readList(request.url, days);
    return seeOther(set, `${link(threadPath(id, fields))}#${place}`);
  };

  return {
    begin: async ({ params, request, set }: ButtonContext) => {
      await takeovers.begin(params.id);
      return toThread(set, params.id, request, WORDS_ID);
    },
    end: async ({ params, request, set }: ButtonContext) => {
      await takeovers.end(params.id);
      return toThread(set, params.id, request, TAKEOVER_ID);
    },
    write: async ({ params, body, request, set }: WriteContext) => {
      // Forms send line ends as two characters.
      const text = body.text.replaceAll("\r\n", "\n").trim();
      await takeovers.write(params.id, { text, idempotencyKey: body.key });
      return toThread(set, params.id, request, WORDS_ID);
    },
    showTyping: async ({ params, set }: ButtonContext) => {
      await takeovers.showTyping(params.id);
      set.status = 204;
    },
  };
}
