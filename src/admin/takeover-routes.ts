import { Elysia } from "elysia";

import { EmptyBody } from "../chat/schema.ts";
import type { Config } from "../config/config.ts";
import { requireAdminKey } from "../http/api-keys.ts";
import { readJsonBody } from "../http/json-body.ts";
import { leaveBody } from "../http/read-body.ts";
import type { Takeovers } from "../people/takeovers.ts";
import { ConversationParams } from "./schema.ts";
import * as documents from "./takeover-documents.ts";
import { OwnerMessageBody, OwnerMessageHeaders, TakeoverBody } from "./takeover-schema.ts";
import { createTakeoverHandlers } from "./takeovers.ts";

interface TakeoverRoutesDeps {
  readonly config: Pick<Config, "keys">;
  readonly takeovers: Takeovers;
}

/** By which the owner's programs answer in place of the model. The guard comes first and protects every route after it. */
export function takeoverRoutes({ config, takeovers }: TakeoverRoutesDeps) {
  const handlers = createTakeoverHandlers(takeovers);
  const params = ConversationParams;

  return new Elysia({ name: "admin-takeovers", normalize: false })
    .onParse(leaveBody)
    .derive(requireAdminKey(config.keys.admin))
    .onTransform(readJsonBody)
    .post("/v1/admin/conversations/:id/takeover", handlers.begin, {
      params,
      body: TakeoverBody,
      detail: documents.takeOver,
    })
    .delete("/v1/admin/conversations/:id/takeover", handlers.end, {
      params,
      body: EmptyBody,
      detail: documents.giveBack,
    })
    .post("/v1/admin/conversations/:id/messages", handlers.write, {
      params,
      body: OwnerMessageBody,
      headers: OwnerMessageHeaders,
      detail: documents.writeMessage,
    })
    .post("/v1/admin/conversations/:id/typing", handlers.showTyping, {
      params,
      body: EmptyBody,
      detail: documents.showTyping,
    });
}
