import type { Database } from "bun:sqlite";

import type { ConversationFilter, ConversationPage } from "../store.ts";
import { boundsOf, toPage } from "./conversation-pages.ts";
import { readSearch, searchExpression, type SearchWord } from "./full-text.ts";
import type { ConversationRow } from "./queries.ts";

/** A search for a common word looks at no more messages that have it. */
const MAX_FOUND_MESSAGES = 5000;
/**
 * FTS5 collects every message of every word with a prefix before it gives out the first: in a database
 * of a million messages `t*` takes 130 ms. From here on, words of fewer letters are looked up as they are.
 * A Korean syllable is two or three letters: most nouns are two syllables, and particles are written to them.
 */
const MAX_SHORT_PREFIX_MESSAGES = 200_000;
const MIN_PREFIX_LETTERS = 3;

/**
 * The index is looked through in slices, newest first, because messages that were made for it take a
 * millisecond each, and a statement under way tells nothing. A slice begins small, and the next one is
 * larger where the one before was quick.
 */
const FIRST_SLICE_MESSAGES = 16;
const QUICK_MS = 40;
const SLOW_MS = 150;
const GROWTH = 8;

/** What a search has found so far. */
interface Found {
  readonly conversations: Set<number>;
  messages: number;
  searched: number;
}

/**
 * Looks through the search index from the newest message to the oldest.
 * @yields the answer so far, again and again, each true of the messages that it says were looked at
 */
export function* searchConversations(
  db: Database,
  filter: ConversationFilter,
): Generator<ConversationPage, void, void> {
  const queries = prepareSearch(db);
  const { words, wordsLeftOut } = readSearch(filter.search ?? "");
  const newest = queries.newest.get()?.id ?? 0;
  const isBuilt = (queries.unsearchable.get()?.through ?? 0) === 0;
  const found: Found = { conversations: new Set(), messages: 0, searched: 0 };
  const answer = (isEnd: boolean): ConversationPage => ({
    ...foundPage(queries, found, filter),
    searched: { messages: found.searched, isComplete: isEnd && isBuilt, wordsLeftOut },
  });
  if (words.length === 0) {
    yield answer(true);
    return;
  }

  const expression = expressionOf(queries, words, newest);
  let size = FIRST_SLICE_MESSAGES;
  for (let last = newest; last > 0;) {
    const startedAt = performance.now();
    const first = Math.max(1, last - size + 1);
    const isCut = searchSlice(queries, found, { expression, first, last });
    last = isCut ? 0 : first - 1;
    yield answer(last === 0 && !isCut);
    if (isCut) return;
    const durationMs = performance.now() - startedAt;
    if (durationMs < QUICK_MS) size *= GROWTH;
    else if (durationMs > SLOW_MS) size = Math.max(1, Math.floor(size / GROWTH));
  }
  if (newest === 0) yield answer(true);
}

interface Slice {
  readonly expression: string;
  readonly first: number;
  readonly last: number;
}

/** Adds what a slice holds; true when no more may be found, and the slice was not looked at to its end. */
function searchSlice(queries: SearchQueries, found: Found, { expression, ...ids }: Slice): boolean {
  const room = MAX_FOUND_MESSAGES - found.messages;
  const row = queries.found.get(expression, ids.first, ids.last, room);
  const seqs: unknown = JSON.parse(row?.seqs ?? "[]");
  if (Array.isArray(seqs)) for (const seq of seqs) found.conversations.add(Number(seq));
  found.messages += row?.messages ?? 0;
  const isCut = found.messages >= MAX_FOUND_MESSAGES && (row?.oldest ?? 0) > 1;
  const first = isCut ? (row?.oldest ?? ids.first) : ids.first;
  found.searched += queries.indexed.get(first, ids.last)?.messages ?? 0;
  return isCut;
}

function expressionOf(
  queries: SearchQueries,
  words: readonly SearchWord[],
  newest: number,
): string {
  const isLarge = newest > MAX_SHORT_PREFIX_MESSAGES;
  return searchExpression(words, (token) => {
    if (isLarge && token.normalize("NFD").length < MIN_PREFIX_LETTERS) return true;
    const holding = queries.holding.get(`"${token}"`, MAX_FOUND_MESSAGES);
    return holding?.messages === MAX_FOUND_MESSAGES;
  });
}

function foundPage(queries: SearchQueries, found: Found, filter: ConversationFilter) {
  const { from, to, updatedAt, position, size } = boundsOf(filter);
  const seqs = JSON.stringify([...found.conversations]);
  const rows = queries.page.all(seqs, from, to, updatedAt, position, size);
  // Behind the last page there is no row to carry the total.
  const count = rows[0] ?? queries.total.get(seqs, from, to);
  return toPage(rows, count?.total ?? 0, filter);
}

function prepareSearch(db: Database) {
  return {
    newest: db.query<{ id: number | null }, []>("SELECT max(id) AS id FROM messages_fts_docsize"),
    unsearchable: db.query<{ through: number }, []>("SELECT through FROM unsearchable"),
    indexed: db.query<{ messages: number }, [number, number]>(
      "SELECT count(*) AS messages FROM messages_fts_docsize WHERE id BETWEEN ? AND ?",
    ),
    /** How many messages hold a word as it is, counted up to a limit: word, limit. */
    holding: db.query<{ messages: number }, [string, number]>(
      `SELECT count(*) AS messages
       FROM (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? LIMIT ?)`,
    ),
    /** The conversations of the newest messages of a slice that fit, as JSON: query, ids, limit. */
    found: db.query<SliceRow, [string, number, number, number]>(
      `SELECT json_group_array(DISTINCT conversation_seq) AS seqs, count(*) AS messages, min(id) AS oldest
       FROM messages WHERE id IN (
         SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? AND rowid BETWEEN ? AND ?
         ORDER BY rowid DESC LIMIT ?
       )`,
    ),
    total: db.query<{ total: number }, [string, number, number]>(
      `SELECT count(*) AS total FROM conversations
       WHERE seq IN (SELECT value FROM json_each(?)) AND updated_at >= ? AND updated_at < ?`,
    ),
    // Thousands are counted and sorted by their numbers; texts are read for the page only.
    page: db.query<FoundRow, [string, number, number, number, number, number]>(
      `WITH fitting AS MATERIALIZED (
         SELECT seq, updated_at FROM conversations
         WHERE seq IN (SELECT value FROM json_each(?)) AND updated_at >= ? AND updated_at < ?
       )
       SELECT *, (SELECT count(*) FROM fitting) AS total FROM conversations WHERE seq IN (
         SELECT seq FROM fitting WHERE (updated_at, seq) < (?, ?)
         ORDER BY updated_at DESC, seq DESC LIMIT ?
       ) ORDER BY updated_at DESC, seq DESC`,
    ),
  };
}

type SearchQueries = ReturnType<typeof prepareSearch>;

interface SliceRow {
  seqs: string;
  messages: number;
  oldest: number | null;
}

interface FoundRow extends ConversationRow {
  total: number;
}
