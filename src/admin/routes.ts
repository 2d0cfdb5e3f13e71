import { Elysia, t } from "elysia";

import type { ChatService } from "../chat/service.ts";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { requireAdminKey } from "../http/api-keys.ts";
import { documented } from "../http/documented.ts";
import type { Places } from "../http/places.ts";
import { leaveBody, readBody } from "../http/read-body.ts";
import type { Searched, Store } from "../store/store.ts";
import { listConversations } from "./conversation-list.ts";
import { diagnosticStream, seenRequest } from "./diagnostics.ts";
import { exportResponse } from "./export.ts";
import { encodeCursor, toFilter } from "./filter.ts";
import {
  ConversationPageSchema,
  ConversationParams,
  DiagnosticStreamQuery,
  ExportedMessageSchema,
  ExportedTable,
  ExportQuery,
  ListQuery,
  SeenRequestSchema,
  ThreadSchema,
} from "./schema.ts";
import { threadResponse } from "./thread.ts";

function toSearched({ messages, isComplete: complete, wordsLeftOut }: Searched) {
  return { messages, complete, wordsLeftOut };
}

interface AdminRoutesDeps {
  readonly config: Pick<Config, "adminApiKeys" | "trustProxy" | "environment">;
  readonly store: Store;
  /** For the exports and long threads that are being read. */
  readonly downloads: Places;
  readonly chat: ChatService;
}

/** Everything the owner can call. The guard stands first: routes are protected by position. */
export function adminRoutes({ config, store, downloads, chat }: AdminRoutesDeps) {
  return new Elysia({ name: "admin", normalize: false })
    .onParse(leaveBody)
    .derive(requireAdminKey(config.adminApiKeys))
    .onTransform((context) => readBody(context))
    .get(
      "/v1/admin/conversations",
      async ({ query }) => {
        const { searched, ...page } = await listConversations(store, toFilter(query));
        const nextCursor = page.nextCursor ? encodeCursor(page.nextCursor) : null;
        return { ...page, nextCursor, ...(searched && { searched: toSearched(searched) }) };
      },
      {
        query: ListQuery,
        detail: documented({
          operationId: "listConversations",
          summary: "Conversations, the most recently active first",
          tag: "admin",
          security: "admin",
          responses: {
            200: {
              description: "A page of conversations",
              content: { "application/json": ConversationPageSchema },
            },
          },
          errors: ["invalid_request"],
        }),
      },
    )
    .get(
      "/v1/admin/conversations/export",
      ({ query: { format = "ndjson" }, request, server }) =>
        exportResponse(store, format, { request, server }, downloads),
      {
        query: ExportQuery,
        detail: documented({
          operationId: "exportMessages",
          summary: "Every message of every conversation, streamed",
          tag: "admin",
          security: "admin",
          responses: {
            200: {
              description:
                "The messages in the order they were stored; the schema of NDJSON is that of one line",
              content: {
                "application/x-ndjson": ExportedMessageSchema,
                "text/csv": ExportedTable,
              },
              headers: ["Content-Disposition"],
            },
          },
          errors: ["invalid_request"],
        }),
      },
    )
    .get(
      "/v1/admin/conversations/:id",
      ({ params: { id }, request, server }) =>
        threadResponse(store, id, { request, server }, downloads),
      {
        params: ConversationParams,
        detail: documented({
          operationId: "getConversation",
          summary: "A conversation with all its messages, oldest first",
          tag: "admin",
          security: "admin",
          responses: {
            200: { description: "The thread", content: { "application/json": ThreadSchema } },
          },
          errors: ["invalid_request", "not_found"],
        }),
      },
    )
    .delete(
      "/v1/admin/conversations/:id",
      async ({ params: { id }, set }) => {
        const conversation = await store.findConversation(id);
        const isErased = conversation && (await chat.eraseConversation(conversation));
        if (!isErased) throw new AppError("not_found");
        set.status = 204;
      },
      {
        params: ConversationParams,
        detail: documented({
          operationId: "eraseConversation",
          summary: "Erase a conversation, also from the database file",
          body: "ignored",
          tag: "admin",
          security: "admin",
          responses: { 204: { description: "Nothing of the conversation is left" } },
          errors: ["invalid_request", "not_found"],
        }),
      },
    )
    .get("/v1/admin/diagnostics/request", ({ request }) => seenRequest(request, config), {
      detail: documented({
        operationId: "getSeenRequest",
        summary: "How this request arrived: for `chatporch doctor`",
        tag: "admin",
        security: "admin",
        responses: {
          200: {
            description: "What the server saw",
            content: { "application/json": SeenRequestSchema },
          },
        },
        errors: [],
      }),
    })
    .get(
      "/v1/admin/diagnostics/stream",
      ({ query: { chunks = "5", silence = "0" }, request, server }) =>
        diagnosticStream(
          { chunks: Number(chunks), silenceMs: Number(silence) * 1000 },
          { request, server },
        ),
      {
        query: DiagnosticStreamQuery,
        detail: documented({
          operationId: "getDiagnosticStream",
          summary: "A stream with a known rhythm and no heartbeat: for `chatporch doctor`",
          tag: "admin",
          security: "admin",
          responses: {
            200: {
              description: "Events `chunk`, 200 ms apart, then silence, then an event `end`",
              content: { "text/event-stream": t.String() },
            },
          },
          errors: ["invalid_request"],
        }),
      },
    );
}
