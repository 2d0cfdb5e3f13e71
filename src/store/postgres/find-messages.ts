import type { ConversationFilter } from "../conversation-store.ts";
import { MAX_FOUND_MESSAGES, SEARCH_TIME_MS } from "../search-queue.ts";
import { firstIdAfter, searchEnd } from "../search-start.ts";
import type { SearchWord } from "../search-words.ts";
import type { Pool, Run } from "./pool.ts";
import { isTimeout } from "./retries.ts";
import { textHasPhrases } from "./search-phrases.ts";
import { CHOOSE_PLAN, LEAVE_PLAN } from "./search-plan.ts";
import { searchQuery } from "./search-query.ts";
import {
  fitting,
  type MatchRow,
  newestMatches,
  scan,
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
const FIRST_ID_AFTER = `SELECT id::float8 AS id FROM (${firstIdAfter("$1::bigint")}) AS found`;
/** Above the ids of all messages. */
const LAST_ID = Number.MAX_SAFE_INTEGER;

/**
 * No second processor is taken from the turns, no time is spent on compiling, and the plan is made for the
 * words of this search, because frequent words need another one than rare words (search-plan.ts).
 */
const SETTINGS = `SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL statement_timeout = `;

/** What is searched for. */
export interface SearchTask {
  readonly filter: ConversationFilter;
  readonly words: readonly SearchWord[];
  /** When the search has to end, by performance.now. */
  readonly until: number;
}

/** The newest message that was found in each conversation, by its number. */
type FoundMessages = ReadonlyMap<number, number>;

/** What a search has found. */
export interface Found {
  readonly conversations: FoundMessages;
  /** How many messages were searched. */
  readonly messages: number;
  /** How many of them matched. */
  readonly matches: number;
  readonly isComplete: boolean;
}

export const NOTHING = { conversations: new Map<number, number>(), matches: 0 };

/** What a search without a word finds. */
export function findNothing(pool: Pool): Promise<Found> {
  return pool.read((run) => searched(run, NOTHING), DEADLINE_MS);
}

/** Searches all messages. Resolves with undefined when that takes too long. */
export function findAtOnce(pool: Pool, task: SearchTask): Promise<Found | undefined> {
  return pool.read(async (run) => {
    await run(`${SETTINGS}${ALL_AT_ONCE_MS}`);
    const matches = await inTime(readMatches(run, task));
    if (matches === undefined) return undefined;
    const found = new Map<number, number>();
    const checked = await checkMatches(run, matches, task, found);
    const isFull = matches.length === MAX_FOUND_MESSAGES;
    const cutAt = checked.cutAt ?? (isFull ? matches.at(-1)?.id : undefined);
    return searched(run, { conversations: found, matches: checked.matches, cutAt });
  }, DEADLINE_MS);
}

async function readMatches(run: Run, task: SearchTask): Promise<readonly MatchRow[]> {
  const { candidates, certain } = searchQuery(task.words);
  const fits = fitting(task.filter);
  const start = await startOf(run, task);
  await run(CHOOSE_PLAN, [candidates]);
  const values = [candidates, certain, start, MAX_FOUND_MESSAGES, ...fits.values];
  const matches = await run<MatchRow>(newestMatches(fits), values);
  await run(LEAVE_PLAN);
  return matches;
}

/** The id before which the search begins: conversations that were last active before a time have no later message. */
async function startOf(run: Run, { filter: { to } }: SearchTask): Promise<number> {
  if (to === undefined) return LAST_ID;
  const [first] = await run<{ id: number }>(FIRST_ID_AFTER, [searchEnd(to)]);
  return first?.id ?? LAST_ID;
}

/** Adds how many messages were searched, down to the one with the id `cutAt`, or all. */
async function searched(
  run: Run,
  {
    cutAt,
    ...found
  }: Pick<Found, "conversations" | "matches"> & { readonly cutAt?: number | undefined },
): Promise<Found> {
  const values = [cutAt ?? 0, MAX_COUNTED];
  const [row] = (await inTime(run<{ messages: number }>(SEARCHED, values))) ?? [];
  return { ...found, messages: row?.messages ?? 0, isComplete: cutAt === undefined };
}

/** Searches from the newest message on, for as long as there is time. */
export function findNewest(pool: Pool, task: SearchTask): Promise<Found> {
  const { candidates, certain } = searchQuery(task.words);
  const fits = fitting(task.filter);
  return pool.read(async (run) => {
    await run(`${SETTINGS}${Math.max(1, Math.floor(task.until - performance.now()))}`);
    const conversations = new Map<number, number>();
    let matches = 0;
    let messages = 0;
    const start = await inTime(startOf(run, task));
    if (start === undefined) return { ...NOTHING, messages, isComplete: false };
    let before = start;
    let size = SCAN_MESSAGES.first;
    while (matches < MAX_FOUND_MESSAGES) {
      const values = [candidates, certain, before, size, ...fits.values];
      const [part] = (await inTime(run<ScanRow>(scan(fits), values))) ?? [];
      if (part === undefined) break;
      const checked = await checkMatches(run, part.matches, task, conversations);
      matches += checked.matches;
      if (checked.cutAt !== undefined || performance.now() > task.until) break;
      if (part.oldest === null) return { conversations, messages, matches, isComplete: true };
      messages += part.messages;
      before = part.oldest;
      size = Math.min(2 * size, SCAN_MESSAGES.most);
    }
    return { conversations, messages, matches, isComplete: false };
  }, DEADLINE_MS);
}

interface Checked {
  readonly matches: number;
  /** The id of the match at which the time was over. */
  readonly cutAt: number | undefined;
}

/**
 * Which of the matches have the phrases of the search: these are added to those that were found.
 * @param candidates the newest comes first
 */
async function checkMatches(
  run: Run,
  candidates: readonly MatchRow[],
  { words, until }: SearchTask,
  found: Map<number, number>,
): Promise<Checked> {
  const phrases = words.filter((tokens) => tokens.length > 1);
  let matches = 0;
  for (const { id, conversation, certain } of candidates) {
    if (!certain && performance.now() > until) return { matches, cutAt: id };
    if (!certain && !(await textHasPhrases(run, id, phrases))) continue;
    matches += 1;
    if (!found.has(conversation)) found.set(conversation, id);
  }
  return { matches, cutAt: undefined };
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
