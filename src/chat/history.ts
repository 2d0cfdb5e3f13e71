import type { Connection } from "../http/connection.ts";
import { isLastPage, PAGE_CHARACTERS, PAGE_SIZE, pagedResponse } from "../http/paged-body.ts";
import { jsonLine } from "../runtime/json-line.ts";
import type { Message, Store } from "../store/store.ts";

/** What a visitor gets back after a reload: the newest messages up to a number or, in UTF-8, a size. */
const MAX_MESSAGES = 500;
const MAX_BYTES = 1_000_000;

interface HistoryReader {
  readonly store: Pick<Store, "findConversationBySession" | "historyStart" | "messagesAfter">;
  /** The turn that the session has under way. */
  readonly activeTurnId: () => Promise<string | undefined>;
  /** Takes a place for a history that is sent in parts; what is returned gives it back. */
  readonly enter: () => () => void;
}

/** The visitor's own messages, oldest first; a long history is read a page at a time. */
export async function historyResponse(
  { store, activeTurnId, enter }: HistoryReader,
  sessionId: string,
  connection: Connection,
) {
  const conversation = await store.findConversationBySession(sessionId);
  const conversationId = conversation?.id ?? null;
  if (conversationId === null) {
    return { conversationId, messages: [], activeTurnId: (await activeTurnId()) ?? null };
  }
  const after = await store.historyStart(conversationId, MAX_MESSAGES, MAX_BYTES);
  const page = (afterId: number) =>
    store.messagesAfter(conversationId, afterId, PAGE_SIZE, PAGE_CHARACTERS);
  const first = await page(after);
  if (isLastPage(first)) {
    const messages = first.map(toVisitorMessage);
    return { conversationId, messages, activeTurnId: (await activeTurnId()) ?? null };
  }
  const body = {
    head: `{"conversationId":${JSON.stringify(conversationId)},"messages":[`,
    first,
    next: ({ id }: Message) => page(id),
    encode: (message: Message) => jsonLine(toVisitorMessage(message)),
    separator: ",",
    tail: async () => `],"activeTurnId":${JSON.stringify((await activeTurnId()) ?? null)}}`,
  };
  const headers = { "content-type": "application/json;charset=utf-8" };
  return pagedResponse(body, headers, connection, enter());
}

function toVisitorMessage({ id, turnId, role, content, status, createdAt }: Message) {
  return { id, turnId, role, content, status, createdAt };
}
