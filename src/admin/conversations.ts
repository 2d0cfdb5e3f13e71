import type { ChatService } from "../chat/service.ts";
import type { Connection } from "../http/connection.ts";
import type { Places } from "../http/places.ts";
import type {
  ConversationCursor,
  ConversationStore,
  Searched,
} from "../store/conversation-store.ts";
import type { RequestStore } from "../store/request-store.ts";
import type { ErasureStore } from "../store/store.ts";
import type { TakeoverStore } from "../store/takeover-store.ts";
import { listConversations } from "./conversation-list.ts";
import { eraseConversation } from "./erasure.ts";
import { exportResponse, exportThreadResponse } from "./export.ts";
import { encodeCursor, toFilter } from "./filter.ts";
import type { ConversationParams, ExportQuery, ListQuery, ThreadExportQuery } from "./schema.ts";
import { threadResponse } from "./thread.ts";

export interface ConversationHandlersDeps {
  readonly store: ConversationStore &
    Pick<ErasureStore, "listErasable"> &
    Pick<TakeoverStore, "findTakeover"> &
    Pick<RequestStore, "requestsOf">;
  /** Limits how many exports and long threads are read at once. */
  readonly downloads: Places;
  readonly chat: Pick<ChatService, "eraseConversation">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of Elysia's context that the handlers use. */
interface ListContext {
  readonly query: typeof ListQuery.static;
}

interface ExportContext extends Connection {
  readonly query: typeof ExportQuery.static;
}

interface ConversationContext {
  readonly params: typeof ConversationParams.static;
}

interface ThreadExportContext extends ConversationContext, Connection {
  readonly query: typeof ThreadExportQuery.static;
}

interface EraseContext extends ConversationContext {
  readonly set: { status?: number | string };
}

/**
 * The handlers of the stored conversations. Each destructures its context in the parameter list, because
 * Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createConversationHandlers(deps: ConversationHandlersDeps) {
  const { store, downloads, chat } = deps;
  return {
    list: async ({ query }: ListContext) => {
      const { searched, ...page } = await listConversations(store, toFilter(query));
      const encode = (cursor: ConversationCursor | undefined) =>
        cursor === undefined ? null : encodeCursor(cursor);
      const nextCursor = encode(page.nextCursor);
      const previousCursor = encode(page.previousCursor);
      return {
        ...page,
        nextCursor,
        previousCursor,
        ...(searched && { searched: toSearched(searched) }),
      };
    },
    export: ({ query: { format = "ndjson", ...filter }, request, server }: ExportContext) =>
      exportResponse({ store, downloads }, { format }, toFilter(filter), { request, server }),
    exportThread: ({ params, query, request, server }: ThreadExportContext) =>
      exportThreadResponse({ store, downloads }, query.format ?? "ndjson", params.id, {
        request,
        server,
      }),
    read: ({ params, request, server }: ConversationContext & Connection) =>
      threadResponse(deps, params.id, { request, server }),
    erase: async ({ params, set }: EraseContext) => {
      await eraseConversation({ store, chat }, params.id);
      set.status = 204;
    },
  };
}

function toSearched({ messages, isComplete: complete, matches, wordsLeftOut }: Searched) {
  return { messages, complete, matches, wordsLeftOut };
}
