import type {
  ConversationCursor,
  ConversationFilter,
  ConversationPage,
  FoundMessage,
  KeyPage,
  Side,
} from "./conversation-store.ts";
import { type ErasableRow, type ListedRow, toConversationKey, toListed } from "./rows.ts";

/** The bounds of a page of conversations and its rows, both for the list and for a search. */

/** The place of a conversation in the list. */
export type Place = Pick<ListedRow, "seq" | "updated_at">;

export interface PageBounds {
  readonly from: number;
  readonly to: number;
  /** The page begins after this place, or ends before it. */
  readonly start: Place;
  readonly isBackwards: boolean;
  /** One row more than requested shows whether there is another page in this direction. */
  readonly size: number;
}

/** The times of a filter. None is before 1970, where the hidden conversations are. */
export function timesOf({ from = 0, to = Number.MAX_SAFE_INTEGER }: ConversationFilter) {
  return { from: Math.max(0, from), to: Math.max(0, to) };
}

export function boundsOf(filter: ConversationFilter): PageBounds {
  const { from, to } = timesOf(filter);
  const { cursor, limit } = filter;
  const isBackwards = cursor?.isBackwards === true;
  // A page is between `from` and `to`, even when the cursor is not. Positions begin at 1.
  const edge = isBackwards ? from : to;
  const isInside = cursor && (isBackwards ? cursor.updatedAt >= from : cursor.updatedAt < to);
  const start = isInside
    ? { updated_at: cursor.updatedAt, seq: cursor.position }
    : { updated_at: edge, seq: 0 };
  return { from, to, start, isBackwards, size: limit + 1 };
}

/** The rows of a page, in the order of the list. */
interface PageRows<Row> {
  readonly rows: readonly Row[];
  readonly hasNext: boolean;
}

/** @param found up to one more than the filter's limit, from the cursor on in its direction */
export function cutPage<Row>(
  found: readonly Row[],
  { limit, cursor }: ConversationFilter,
): PageRows<Row> {
  const rows = found.slice(0, limit);
  if (cursor?.isBackwards !== true) return { rows, hasNext: found.length > limit };
  return { rows: rows.toReversed(), hasNext: true };
}

interface PageParts {
  readonly rows: readonly ListedRow[];
  readonly hasNext: boolean;
  readonly total: number;
  /** How many come before the first row. As far as maxCounted says. */
  readonly newer: number;
  /** What a search has found in a conversation, by its number. */
  readonly foundIn?: (seq: number) => FoundMessage | undefined;
}

/** How many conversations before a page are counted: whether there is one is enough for the way back. */
export function maxCounted({ countsNewer }: ConversationFilter): number {
  return countsNewer === true ? Number.MAX_SAFE_INTEGER : 1;
}

export function toPage(
  { rows, hasNext, total, newer, foundIn }: PageParts,
  filter: ConversationFilter,
): ConversationPage {
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    conversations: rows.map((row) => {
      const found = foundIn?.(row.seq);
      return found === undefined ? toListed(row) : { ...toListed(row), found };
    }),
    total,
    newer: filter.countsNewer === true ? newer : undefined,
    nextCursor: hasNext && last ? cursorOf(last) : undefined,
    previousCursor: newer > 0 && first ? { ...cursorOf(first), isBackwards: true } : undefined,
  };
}

/** @param found up to one more than the filter's limit, from the cursor on in its direction */
export function toKeyPage(
  found: readonly (ErasableRow & Place)[],
  filter: ConversationFilter,
): KeyPage {
  const { rows } = cutPage(found, filter);
  const isBackwards = filter.cursor?.isBackwards === true;
  const last = isBackwards ? rows[0] : rows.at(-1);
  const hasMore = found.length > filter.limit && last !== undefined;
  return {
    conversations: rows.map(toConversationKey),
    followingCursor: hasMore ? { ...cursorOf(last), isBackwards } : undefined,
  };
}

/** What listKeys returns of a search. */
export function keysOf(
  { conversations, searched, nextCursor, previousCursor }: ConversationPage,
  { cursor }: ConversationFilter,
): KeyPage {
  const followingCursor = cursor?.isBackwards === true ? previousCursor : nextCursor;
  return { conversations, searched, followingCursor };
}

function cursorOf({ updated_at: updatedAt, seq: position }: Place): ConversationCursor {
  return { updatedAt, position };
}

/**
 * Cuts the page out of all conversations that a search has found.
 * @param places in the order of the list
 */
export function pageOfPlaces(places: readonly Place[], filter: ConversationFilter) {
  const { start, isBackwards } = boundsOf(filter);
  const beginsPage = isBackwards
    ? (place: Place) => !isAhead(place, start)
    : (place: Place) => isAhead(start, place);
  const index = places.findIndex(beginsPage);
  const border = index === -1 ? places.length : index;
  const newer = isBackwards ? Math.max(0, border - filter.limit) : border;
  const end = isBackwards ? border : border + filter.limit;
  return {
    seqs: places.slice(newer, end).map(({ seq }) => seq),
    total: places.length,
    newer,
    hasNext: end < places.length,
  };
}

/** Whether the first place comes before the other in the list. */
function isAhead(place: Place, other: Place): boolean {
  if (place.updated_at !== other.updated_at) return place.updated_at > other.updated_at;
  return place.seq > other.seq;
}

/** ConversationStore.findNeighbour. */
export async function neighbourOf(
  listKeys: (filter: ConversationFilter) => Promise<KeyPage>,
  place: Place,
  filter: ConversationFilter,
  side: Side,
): Promise<string | undefined> {
  const cursor = { ...cursorOf(place), isBackwards: side === "newer" };
  return (await listKeys({ ...filter, limit: 1, cursor })).conversations[0]?.id;
}
