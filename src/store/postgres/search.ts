import { boundsOf, toPage } from "../conversation-pages.ts";
import type { ConversationFilter, ConversationPage } from "../conversation-store.ts";
import { type ConversationRow, toPlaced } from "../rows.ts";
import { SEARCH_TIME_MS, SearchQueue } from "../search-queue.ts";
import { readSearch, type SearchWord } from "../search-words.ts";
import { findAtOnce, findNewest, findNothing, type Found } from "./find-messages.ts";
import type { Pool } from "./pool.ts";
import { isLate } from "./retries.ts";
import { FOUND_PAGE } from "./search-statements.ts";

/** Makes the function that searches. It throws TooManySearchesError. */
export function createSearch(
  pool: Pool,
): (filter: ConversationFilter) => Promise<ConversationPage> {
  const queue = new SearchQueue();
  return (filter) => queue.run(() => search(pool, filter));
}

async function search(pool: Pool, filter: ConversationFilter): Promise<ConversationPage> {
  const { words, wordsLeftOut } = readSearch(filter.search ?? "");
  const found = words.length === 0 ? await findNothing(pool) : await find(pool, words);
  const { messages, isComplete } = found;
  return {
    ...(await pageOf(pool, found, filter)),
    searched: { messages, isComplete, wordsLeftOut },
  };
}

async function find(pool: Pool, words: readonly SearchWord[]): Promise<Found> {
  const until = performance.now() + SEARCH_TIME_MS;
  try {
    return (await findAtOnce(pool, words, until)) ?? (await findNewest(pool, words, until));
  } catch (error) {
    // A very busy database may not end a statement in time. If it is away, the query that follows fails.
    if (isLate(error)) return { conversations: [], messages: 0, isComplete: false };
    throw error;
  }
}

async function pageOf(pool: Pool, { conversations }: Found, filter: ConversationFilter) {
  const { from, to, updatedAt, position, size } = boundsOf(filter);
  const seqs = `{${[...conversations].join(",")}}`;
  const values = [seqs, from, to, updatedAt, position, size];
  const rows = await pool.query<FoundRow>(FOUND_PAGE, values);
  const found = rows.filter(({ seq }) => seq !== null).map(toPlaced);
  return toPage(found, rows[0]?.total ?? 0, filter);
}

/** A page after the last one has no row but this one, with the total. */
interface FoundRow extends ConversationRow {
  readonly total: number;
}
