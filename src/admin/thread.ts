import type { Message, Thread } from "../conversation/records.ts";
import { AppError } from "../errors.ts";
import type { Connection } from "../http/connection.ts";
import { isLastPage, PAGE_CHARACTERS, PAGE_SIZE, pagedResponse } from "../http/paged-body.ts";
import type { Places } from "../http/places.ts";
import { jsonLine } from "../runtime/json-line.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { PersonRequest, RequestStore } from "../store/request-store.ts";
import { isTakenOver, type Takeover, type TakeoverStore } from "../store/takeover-store.ts";

interface ThreadParts {
  readonly store: ConversationStore &
    Pick<TakeoverStore, "findTakeover"> &
    Pick<RequestStore, "requestsOf">;
  /** Limits how many long threads are read at once. */
  readonly downloads: Places;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a thread has beside its messages. */
interface Beside {
  /** The visitor's requests for a person, the newest first. */
  readonly requests: readonly PersonRequest[];
  readonly takeover?: Takeover;
}

/**
 * A conversation with all its messages. A visitor can make it as long as the owner's limits allow, so a long
 * one is read page by page, and other requests are served between the pages.
 * @throws AppError not_found, or overloaded when too many long conversations are being read
 */
export async function threadResponse(
  { store, downloads, now }: ThreadParts,
  conversationId: string,
  connection: Connection,
): Promise<(Thread & Beside) | Response> {
  const conversation = await store.findConversation(conversationId);
  if (!conversation) throw new AppError("not_found");
  const page = (afterId: number) =>
    store.messagesAfter(conversationId, afterId, PAGE_SIZE, PAGE_CHARACTERS);
  const messages = await page(0);
  const found = await store.findTakeover(conversationId);
  const beside: Beside = {
    requests: await store.requestsOf(conversationId),
    ...(isTakenOver(found, now()) && { takeover: found }),
  };
  if (isLastPage(messages)) return { conversation, messages, ...beside };
  const body = {
    head: `{"conversation":${JSON.stringify(conversation)},"messages":[`,
    first: messages,
    next: async ({ id }: Message) => {
      const rows = await page(id);
      if (rows.length > 0 || (await store.findConversation(conversationId))) return rows;
      throw new Error("The conversation was erased while it was read.");
    },
    encode: (message: Message) => jsonLine(message),
    separator: ",",
    tail: () => `],${jsonLine(beside).slice(1)}`,
  };
  const headers = { "content-type": "application/json;charset=utf-8" };
  return pagedResponse(body, headers, connection, downloads.enter());
}
