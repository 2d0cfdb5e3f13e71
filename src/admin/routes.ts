import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { requireAdminKey } from "../http/api-keys.ts";
import { leaveBody, readBody } from "../http/read-body.ts";
import type { Peers } from "../peers/peers.ts";
import { type ConversationHandlersDeps, createConversationHandlers } from "./conversations.ts";
import { diagnosticStream, listReplicas, seenRequest } from "./diagnostics.ts";
import * as documents from "./documents.ts";
import { createRequestHandlers, type RequestHandlersDeps } from "./requests.ts";
import {
  ConversationParams,
  DiagnosticStreamQuery,
  ExportQuery,
  ListQuery,
  RequestListQuery,
  RequestParams,
  ThreadExportQuery,
  UnansweredParams,
  UnansweredQuery,
} from "./schema.ts";
import { SpendingQuery } from "./spending-schema.ts";
import { createSpendingHandler, type SpendingHandlerDeps } from "./spending.ts";
import { createUnansweredHandlers, type UnansweredHandlersDeps } from "./unanswered.ts";

interface AdminRoutesDeps
  extends ConversationHandlersDeps, UnansweredHandlersDeps, RequestHandlersDeps {
  readonly store: ConversationHandlersDeps["store"] &
    UnansweredHandlersDeps["store"] &
    RequestHandlersDeps["store"] &
    SpendingHandlerDeps["store"];
  readonly config: Pick<Config, "keys" | "limits" | "server"> & SpendingHandlerDeps["config"];
  readonly peers: Pick<Peers, "replicas">;
}

/** Everything the owner can call. The guard comes first and protects every route after it. */
export function adminRoutes({ config, peers, ...deps }: AdminRoutesDeps) {
  const conversations = createConversationHandlers(deps);
  const unanswered = createUnansweredHandlers(deps);
  const requests = createRequestHandlers(deps);

  return new Elysia({ name: "admin", normalize: false })
    .onParse(leaveBody)
    .derive(requireAdminKey(config.keys.admin))
    .onTransform((context) => readBody(context))
    .get("/v1/admin/conversations", conversations.list, {
      query: ListQuery,
      detail: documents.listConversations,
    })
    .get("/v1/admin/conversations/export", conversations.export, {
      query: ExportQuery,
      detail: documents.exportMessages,
    })
    .get("/v1/admin/conversations/:id/export", conversations.exportThread, {
      params: ConversationParams,
      query: ThreadExportQuery,
      detail: documents.exportThread,
    })
    .get("/v1/admin/conversations/:id", conversations.read, {
      params: ConversationParams,
      detail: documents.readConversation,
    })
    .delete("/v1/admin/conversations/:id", conversations.erase, {
      params: ConversationParams,
      detail: documents.eraseConversation,
    })
    .get("/v1/admin/unanswered", unanswered.list, {
      query: UnansweredQuery,
      detail: documents.listUnanswered,
    })
    .delete("/v1/admin/unanswered/:key", unanswered.dismiss, {
      params: UnansweredParams,
      detail: documents.dismissUnanswered,
    })
    .get("/v1/admin/requests", requests.list, {
      query: RequestListQuery,
      detail: documents.listRequests,
    })
    .post("/v1/admin/requests/:id/close", requests.close, {
      params: RequestParams,
      detail: documents.closeRequest,
    })
    .get("/v1/admin/spending", createSpendingHandler({ config, ...deps }), {
      query: SpendingQuery,
      detail: documents.readSpending,
    })
    .get("/v1/admin/diagnostics/request", ({ request }) => seenRequest(request, config), {
      detail: documents.seeRequest,
    })
    .get("/v1/admin/diagnostics/replicas", () => listReplicas(peers), {
      detail: documents.listReplicas,
    })
    .get(
      "/v1/admin/diagnostics/stream",
      ({ query, request, server }) => diagnosticStream(query, { request, server }),
      { query: DiagnosticStreamQuery, detail: documents.streamRhythm },
    );
}
