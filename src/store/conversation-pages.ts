import type { Conversation } from "../conversation/records.ts";
import type { ConversationFilter, ConversationPage } from "./conversation-store.ts";

/** How a page of conversations is bounded, and made of its rows, in the list and in a search. */

export function boundsOf({
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
  cursor,
  limit,
}: ConversationFilter) {
  // A page begins after the cursor and before `to`, whichever is earlier; positions begin with 1.
  const start = cursor && cursor.updatedAt < to ? cursor : { updatedAt: to, position: 0 };
  // One row more than asked for tells whether there is a next page.
  return { from, to, ...start, size: limit + 1 };
}

/** A conversation at its place in the list. */
export interface PlacedConversation {
  readonly conversation: Conversation;
  /** As in the cursor. */
  readonly position: number;
}

/** @param found up to one more than the filter's limit */
export function toPage(
  found: readonly PlacedConversation[],
  total: number,
  { limit }: ConversationFilter,
): ConversationPage {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return {
    conversations: page.map(({ conversation }) => conversation),
    total,
    nextCursor: hasMore
      ? { updatedAt: last.conversation.updatedAt, position: last.position }
      : undefined,
  };
}
