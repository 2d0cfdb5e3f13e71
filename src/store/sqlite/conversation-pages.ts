import type { ConversationFilter, ConversationPage } from "../conversation-store.ts";
import type { ConversationRow } from "./queries.ts";
import { toConversation } from "./records.ts";

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

/** @param rows up to one more than the filter's limit */
export function toPage(
  rows: readonly ConversationRow[],
  total: number,
  { limit }: ConversationFilter,
): ConversationPage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    conversations: page.map(toConversation),
    total,
    nextCursor: hasMore ? { updatedAt: last.updated_at, position: last.seq } : undefined,
  };
}
