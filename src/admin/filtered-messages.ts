import type { ConversationKey } from "../conversation/records.ts";
import { overloaded } from "../errors.ts";
import { PAGE_CHARACTERS, PAGE_SIZE } from "../http/paged-body.ts";
import {
  type ConversationFilter,
  type ConversationStore,
  type ExportedMessage,
  TooManySearchesError,
} from "../store/conversation-store.ts";
import { isCutByTime, SEARCH_TIME_MS } from "../store/search-queue.ts";

type Store = Pick<ConversationStore, "listKeys" | "messagesAfter">;

/** How many conversations of a list are read at a time. */
const LIST_PAGE_SIZE = 200;

/**
 * The messages of the conversations that match a filter, one conversation after the other, a page at a time. The
 * one that has been silent longest comes first: one that becomes active meanwhile comes later, and is not missed.
 * @throws TooManySearchesError at the first page
 * @throws AppError overloaded when a search had no time to find all that it may find
 */
export function filteredMessages(
  store: Store,
  filter: ConversationFilter,
): () => Promise<readonly ExportedMessage[]> {
  return messagesOf(store, conversationsOf(store, filter));
}

/** The messages of the conversations, a page at a time. The last page is empty. */
export function messagesOf(
  store: Pick<Store, "messagesAfter">,
  conversations: AsyncIterator<ConversationKey> | Iterator<ConversationKey>,
): () => Promise<readonly ExportedMessage[]> {
  let open: ConversationKey | undefined;
  let afterId = 0;
  return async () => {
    const page: ExportedMessage[] = [];
    let characters = PAGE_CHARACTERS;
    while (page.length < PAGE_SIZE && characters > 0) {
      if (open === undefined) {
        const { value, done } = await conversations.next();
        if (done === true) break;
        [open, afterId] = [value, 0];
      }
      const { id: conversationId, sessionId } = open;
      const limit = PAGE_SIZE - page.length;
      const messages = await store.messagesAfter(conversationId, afterId, limit, characters);
      for (const message of messages) {
        page.push({ conversationId, sessionId, ...message });
        characters -= message.content.length;
        afterId = message.id;
      }
      if (messages.length < limit && characters > 0) open = undefined;
    }
    return page;
  };
}

async function* conversationsOf(
  store: Store,
  filter: ConversationFilter,
): AsyncGenerator<ConversationKey> {
  const seen = new Set<string>();
  let cursor: ConversationFilter["cursor"] = { updatedAt: 0, position: 0, isBackwards: true };
  while (cursor !== undefined) {
    const page = await readPage(store, { ...filter, limit: LIST_PAGE_SIZE, cursor }, seen.size > 0);
    // A file that lacks what there was no time to find would look as if it were whole.
    if (page.searched !== undefined && isCutByTime(page.searched)) throw overloaded();
    for (const { id, sessionId } of page.conversations.toReversed()) {
      if (!seen.has(id)) yield { id, sessionId };
      seen.add(id);
    }
    cursor = page.followingCursor;
  }
}

/** What has begun waits for the searches of others. */
async function readPage(store: Store, filter: ConversationFilter, hasBegun: boolean) {
  for (;;) {
    try {
      return await store.listKeys(filter);
    } catch (error) {
      if (!(error instanceof TooManySearchesError && hasBegun)) throw error;
      await Bun.sleep(SEARCH_TIME_MS);
    }
  }
}
