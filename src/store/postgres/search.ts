import type { MessageRole } from "../../conversation/records.ts";
import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { pageOfPlaces, type Place, toPage } from "../conversation-pages.ts";
import type {
  ConversationFilter,
  ConversationPage,
  FoundMessage,
  Searched,
} from "../conversation-store.ts";
import type { ListedRow } from "../rows.ts";
import { SEARCH_TIME_MS, SearchQueue } from "../search-queue.ts";
import { readSearch, type SearchWord } from "../search-words.ts";
import {
  findAtOnce,
  findNewest,
  findNothing,
  type Found,
  NOTHING,
  type SearchTask,
} from "./find-messages.ts";
import type { Pool } from "./pool.ts";
import { isLate } from "./retries.ts";
import { FOUND_MESSAGES, FOUND_PAGE, PLACES } from "./search-statements.ts";

/** Makes the function that searches. It throws TooManySearchesError. */
export function createSearch(
  pool: Pool,
): (filter: ConversationFilter) => Promise<ConversationPage> {
  const queue = new SearchQueue();
  return (filter) => queue.run(() => search(pool, filter));
}

async function search(pool: Pool, filter: ConversationFilter): Promise<ConversationPage> {
  const { words } = readSearch(filter.search ?? "");
  const { conversations, searched } = await findMessages(pool, filter);
  return { ...(await pageOf(pool, { conversations, filter, words })), searched };
}

/** The newest message that was found in each conversation, by its number, and how far the search went. */
export async function findMessages(
  pool: Pool,
  filter: ConversationFilter,
): Promise<Pick<Found, "conversations"> & { readonly searched: Searched }> {
  const { words, wordsLeftOut } = readSearch(filter.search ?? "");
  const until = performance.now() + SEARCH_TIME_MS;
  const { conversations, messages, isComplete, matches } =
    words.length === 0 ? await findNothing(pool) : await find(pool, { filter, words, until });
  return { conversations, searched: { messages, isComplete, matches, wordsLeftOut } };
}

async function find(pool: Pool, task: SearchTask): Promise<Found> {
  try {
    return (await findAtOnce(pool, task)) ?? (await findNewest(pool, task));
  } catch (error) {
    // A very busy database may not end a statement in time. If it is away, the query that follows fails.
    if (isLate(error)) return { ...NOTHING, messages: 0, isComplete: false };
    throw error;
  }
}

interface FoundConversations extends Pick<SearchTask, "filter" | "words"> {
  readonly conversations: Found["conversations"];
}

async function pageOf(
  pool: Pool,
  { conversations: found, filter, words }: FoundConversations,
): Promise<ConversationPage> {
  const places = await pool.query<Place>(PLACES, [`{${[...found.keys()].join(",")}}`]);
  const { seqs, ...counts } = pageOfPlaces(places, filter);
  if (seqs.length === 0) return toPage({ rows: [], ...counts }, filter);
  const ids = seqs.map((seq) => found.get(seq) ?? 0);
  const [rows, messages] = await Promise.all([
    pool.query<ListedRow>(FOUND_PAGE, [`{${seqs.join(",")}}`]),
    readFound(pool, ids, words),
  ]);
  const foundIn = (seq: number) => messages.get(found.get(seq) ?? 0);
  return toPage({ rows, ...counts, foundIn }, filter);
}

interface MessageText {
  readonly id: number;
  readonly role: MessageRole;
  readonly content: string;
}

/** What the list shows of the messages with these ids. */
async function readFound(
  pool: Pool,
  ids: readonly number[],
  words: readonly SearchWord[],
): Promise<ReadonlyMap<number, FoundMessage>> {
  const read = new Map<number, FoundMessage>();
  // Loaded here, because a server that nobody searches does not need it.
  const { excerpt } = await import("../found-message.ts");
  for (const { id, role, content } of await pool.query<MessageText>(FOUND_MESSAGES, [
    `{${ids.join(",")}}`,
  ])) {
    read.set(id, { messageId: id, role, ...excerpt(content, words) });
    await turnOfItsOwn();
  }
  return read;
}
