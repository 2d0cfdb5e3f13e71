import { isCutByPerson, type Message } from "../conversation/records.ts";
import { shownGrounding } from "../conversation/shown-sources.ts";
import type { Connection } from "../http/connection.ts";
import { isLastPage, PAGE_CHARACTERS, PAGE_SIZE, pagedResponse } from "../http/paged-body.ts";
import type { Requests } from "../people/requests.ts";
import { jsonLine } from "../runtime/json-line.ts";
import type { ConversationStore, VisitorConversation } from "../store/conversation-store.ts";
import type { EnterAnswer } from "./open-answers.ts";
import type { HistoryQuery, SessionHeaders } from "./schema.ts";
import type { ChatService } from "./service.ts";
import type { SessionAccess, SessionRequest } from "./session-access.ts";

/** After a reload, a visitor gets the newest messages up to this number or this size in UTF-8. */
const MAX_MESSAGES = 500;
const MAX_BYTES = 1_000_000;

interface HistoryHandlersDeps {
  readonly store: ConversationStore;
  readonly chat: Pick<ChatService, "activeTurnId" | "eraseSession">;
  readonly requests: Pick<Requests, "personOf">;
  readonly access: SessionAccess;
  readonly enter: EnterAnswer;
}

/** The parts of Elysia's context that the handlers use. */
interface HistoryContext {
  readonly query: typeof HistoryQuery.static;
  readonly headers: typeof SessionHeaders.static;
  readonly set: SessionRequest["set"] & { status?: number | string };
}

/**
 * The handlers of a visitor's own history. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createHistoryHandlers(deps: HistoryHandlersDeps) {
  const { store, chat, requests, access, enter } = deps;
  return {
    read: ({ query, headers, set, request, server }: HistoryContext & Connection) => {
      const { sessionId } = query;
      access.authorizeReading({ sessionId, headers, set });
      const reader = {
        store,
        activeTurnId: () => chat.activeTurnId(sessionId),
        person: (conversation: VisitorConversation | undefined) => requests.personOf(conversation),
        enter: () => enter(sessionId, request),
      };
      return historyResponse(reader, sessionId, { request, server });
    },
    erase: async ({ query, headers, set }: HistoryContext) => {
      const { sessionId } = query;
      access.authorizeReading({ sessionId, headers, set });
      await chat.eraseSession(sessionId);
      set.status = 204;
    },
  };
}

interface HistoryReader {
  readonly store: ConversationStore;
  /** The turn that the session has under way. */
  readonly activeTurnId: () => Promise<string | undefined>;
  /** What the visitor is told of a person. */
  readonly person: Requests["personOf"];
  /** Takes a place for a history that is sent in parts. Returns a function that gives it back. */
  readonly enter: () => () => void;
}

/** The visitor's own messages, oldest first. A long history is read page by page. */
async function historyResponse(reader: HistoryReader, sessionId: string, connection: Connection) {
  const { store, enter } = reader;
  const conversation = await store.findConversationBySession(sessionId);
  const conversationId = conversation?.id ?? null;
  if (conversationId === null) {
    return { conversationId, messages: [], ...(await endOf(reader, conversation)) };
  }
  const after = await store.historyStart(conversationId, MAX_MESSAGES, MAX_BYTES);
  const page = (afterId: number) =>
    store.messagesAfter(conversationId, afterId, PAGE_SIZE, PAGE_CHARACTERS);
  const first = await page(after);
  if (isLastPage(first)) {
    const messages = first.map(toVisitorMessage);
    return { conversationId, messages, ...(await endOf(reader, conversation)) };
  }
  const body = {
    head: `{"conversationId":${JSON.stringify(conversationId)},"messages":[`,
    first,
    next: ({ id }: Message) => page(id),
    encode: (message: Message) => jsonLine(toVisitorMessage(message)),
    separator: ",",
    tail: async () => `],${JSON.stringify(await endOf(reader, conversation)).slice(1)}`,
  };
  const headers = { "content-type": "application/json;charset=utf-8" };
  return pagedResponse(body, headers, connection, enter());
}

/** What follows the messages. It is read after them, so that it is not older. */
async function endOf(
  { activeTurnId, person }: HistoryReader,
  conversation: VisitorConversation | undefined,
) {
  const [turnId = null, shown] = await Promise.all([activeTurnId(), person(conversation)]);
  return { activeTurnId: turnId, ...(shown && { person: shown }) };
}

const STOPPED = { status: "stopped", finishReason: "stopped" } as const;

function toVisitorMessage(message: Message) {
  const { id, turnId, role, content, createdAt, author, rating } = message;
  const { status, finishReason } = isCutByPerson(message) ? STOPPED : message;
  return {
    id,
    turnId,
    role,
    content,
    status,
    createdAt,
    ...(finishReason && { finishReason }),
    ...(author && { author }),
    ...shownGrounding(message),
    ...(rating && { rating: rating.value }),
  };
}
