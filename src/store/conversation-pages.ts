import type { Conversation } from "../conversation/records.ts";
import type { ConversationFilter, ConversationPage } from "./conversation-store.ts";

/** The bounds of a page of conversations and its rows, both for the list and for a search. */

export function boundsOf({
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
  cursor,
  limit,
}: ConversationFilter) {
  // A page begins at the cursor or at `to`, whichever is earlier. Positions begin at 1.
  const start = cursor && cursor.updatedAt < to ? cursor : { updatedAt: to, position: 0 };
  // One row more than requested shows whether there is a next page.
  return { from, to, ...start, size: limit + 1 };
}

/** A conversation and its place in the list. */
export interface PlacedConversation {
  readonly conversation: Conversation;
  /** The same as in the cursor. */
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
