import { MAX_FOUND_MESSAGES, SEARCH_TIME_MS } from "../search-queue.ts";
import type { SearchWord } from "../search-words.ts";
import type { Pool, Run } from "./pool.ts";
import { isTimeout } from "./retries.ts";
import { textHasPhrases } from "./search-phrases.ts";
import { searchQuery } from "./search-query.ts";
import {
  type MatchRow,
  NEWEST_MATCHES,
  SCAN,
  type ScanRow,
  SEARCHED,
} from "./search-statements.ts";

/** How long all messages are searched at once, before only the newest ones are, a few at a time. */
const ALL_AT_ONCE_MS = 800;
/** How many messages are searched at a time then: few at first, and at most as many as take some 20 ms. */
const SCAN_MESSAGES = { first: 1000, most: 10_000 };
/** The database ends each statement in time. This deadline is for one that does not answer. */
const DEADLINE_MS = SEARCH_TIME_MS + 1000;
/** More messages are not counted but estimated. */
const MAX_COUNTED = 100_000;

/**
 * No second processor is taken from the turns, no time is spent on compiling, and the plan is made for the
 * words of this search, because frequent words need another one than rare words.
 */
const SETTINGS = `SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL statement_timeout = `;

/** What a search has found. */
export interface Found {
  readonly conversations: Iterable<number>;
  /** How many messages were searched. */
  readonly messages: number;
  readonly isComplete: boolean;
}

/** What a search without a word finds. */
export function findNothing(pool: Pool): Promise<Found> {
  return pool.read((run) => searched(run, [], undefined), DEADLINE_MS);
}

/** Searches all messages. Resolves with undefined when that takes too long. */
export function findAtOnce(
  pool: Pool,
  words: readonly SearchWord[],
  until: number,
): Promise<Found | undefined> {
  const { candidates, certain } = searchQuery(words);
  return pool.read(async (run) => {
    await run(`${SETTINGS}${ALL_AT_ONCE_MS}`);
    const values = [candidates, certain, MAX_FOUND_MESSAGES];
    const matches = await inTime(run<MatchRow>(NEWEST_MATCHES, values));
    if (matches === undefined) return undefined;
    const checked = await checkMatches(run, matches, words, until);
    const isFull = matches.length === MAX_FOUND_MESSAGES;
    const cutAt = checked.cutAt ?? (isFull ? matches.at(-1)?.id : undefined);
    return searched(run, checked.conversations, cutAt);
  }, DEADLINE_MS);
}

/** @param cutAt the id of the oldest message that was searched; undefined when all were */
async function searched(
  run: Run,
  conversations: Iterable<number>,
  cutAt: number | undefined,
): Promise<Found> {
  const values = [cutAt ?? 0, MAX_COUNTED];
  const [row] = (await inTime(run<{ messages: number }>(SEARCHED, values))) ?? [];
  return { conversations, messages: row?.messages ?? 0, isComplete: cutAt === undefined };
}

/** Searches from the newest message on, for as long as there is time. */
export function findNewest(
  pool: Pool,
  words: readonly SearchWord[],
  until: number,
): Promise<Found> {
  const { candidates, certain } = searchQuery(words);
  return pool.read(async (run) => {
    await run(`${SETTINGS}${Math.max(1, Math.floor(until - performance.now()))}`);
    const conversations = new Set<number>();
    let found = 0;
    let messages = 0;
    let before = Number.MAX_SAFE_INTEGER;
    let size = SCAN_MESSAGES.first;
    while (found < MAX_FOUND_MESSAGES) {
      const values = [candidates, certain, before, size];
      const [part] = (await inTime(run<ScanRow>(SCAN, values))) ?? [];
      if (part === undefined) break;
      const checked = await checkMatches(run, part.matches, words, until);
      for (const conversation of checked.conversations) conversations.add(conversation);
      if (checked.cutAt !== undefined || performance.now() > until) break;
      if (part.oldest === null) return { conversations, messages, isComplete: true };
      found += part.matches.length;
      messages += part.messages;
      before = part.oldest;
      size = Math.min(2 * size, SCAN_MESSAGES.most);
    }
    return { conversations, messages, isComplete: false };
  }, DEADLINE_MS);
}

interface Checked {
  readonly conversations: ReadonlySet<number>;
  /** The id of the match at which the time was over. */
  readonly cutAt: number | undefined;
}

/** Which of the matches, the newest of which comes first, have the phrases of the search. */
async function checkMatches(
  run: Run,
  matches: readonly MatchRow[],
  words: readonly SearchWord[],
  until: number,
): Promise<Checked> {
  const phrases = words.filter((tokens) => tokens.length > 1);
  const conversations = new Set<number>();
  for (const { id, conversation, certain } of matches) {
    if (!certain && performance.now() > until) return { conversations, cutAt: id };
    if (certain || (await textHasPhrases(run, id, phrases))) conversations.add(conversation);
  }
  return { conversations, cutAt: undefined };
}

/** Resolves with undefined when the database has ended the statement, because it took too long. */
async function inTime<Rows>(rows: Promise<Rows>): Promise<Rows | undefined> {
  try {
    return await rows;
  } catch (error) {
    if (isTimeout(error)) return undefined;
    throw error;
  }
}
