import type { Database } from "bun:sqlite";

import { boundsOf, toPage } from "../conversation-pages.ts";
import type { ConversationFilter, ConversationPage } from "../conversation-store.ts";
import { type ConversationRow, toPlaced } from "../rows.ts";
import { MAX_FOUND_MESSAGES } from "../search-queue.ts";
import { hasPhrases, readSearch, type SearchWord } from "../search-words.ts";
import { searchExpression } from "./match-expression.ts";

/**
 * FTS5 collects every message of every word with a prefix before it returns the first one: in a database of
 * a million messages, `t*` takes 130 ms. In databases larger than this, words of fewer letters are looked up
 * as whole words. A Korean syllable counts as two or three letters, so that nouns of two syllables are still
 * found with their particles.
 */
const MAX_SHORT_PREFIX_MESSAGES = 200_000;
const MIN_PREFIX_LETTERS = 3;

/** How often the result so far is yielded. */
const ANSWER_INTERVAL_MS = 50;

/** What a search has found so far. */
interface Found {
  readonly conversations: Set<number>;
  messages: number;
}

/**
 * Searches the index from the newest message to the oldest. FTS5 finds the messages that have all the tokens.
 * Whether the tokens of a phrase follow each other is checked in the text: a message can be written so that
 * FTS5 needs seconds for that check, and FTS5 cannot be stopped.
 * @yields the result so far, again and again, with the number of messages that were searched
 */
export function* searchConversations(
  db: Database,
  filter: ConversationFilter,
): Generator<ConversationPage, void, void> {
  const queries = prepareSearch(db);
  const { words, wordsLeftOut } = readSearch(filter.search ?? "");
  const newest = queries.newest.get()?.id ?? 0;
  const isBuilt = (queries.unsearchable.get()?.through ?? 0) === 0;
  const found: Found = { conversations: new Set(), messages: 0 };
  const answer = (downTo: number, isEnd: boolean): ConversationPage => ({
    ...foundPage(queries, found, filter),
    searched: {
      messages: queries.indexed.get(downTo)?.messages ?? 0,
      isComplete: isEnd && isBuilt,
      wordsLeftOut,
    },
  });
  if (words.length === 0) {
    yield answer(0, true);
    return;
  }

  const phrases = words.filter((tokens) => tokens.length > 1);
  const rows = (phrases.length > 0 ? queries.foundTexts : queries.found).iterate(
    expressionOf(queries, words, newest),
  );
  let answeredAt = performance.now();
  for (const { id, conversation_seq: seq, content } of rows) {
    if (phrases.length === 0 || hasPhrases(content, phrases)) {
      found.conversations.add(seq);
      found.messages += 1;
    }
    const isCut = found.messages === MAX_FOUND_MESSAGES;
    if (isCut || performance.now() - answeredAt > ANSWER_INTERVAL_MS) {
      yield answer(id, false);
      answeredAt = performance.now();
    }
    if (isCut) return;
  }
  yield answer(0, true);
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
  // After the last page there is no row that contains the total.
  const count = rows[0] ?? queries.total.get(seqs, from, to);
  return toPage(rows.map(toPlaced), count?.total ?? 0, filter);
}

function prepareSearch(db: Database) {
  return {
    newest: db.query<{ id: number | null }, []>("SELECT max(id) AS id FROM messages_fts_docsize"),
    unsearchable: db.query<{ through: number }, []>("SELECT through FROM unsearchable"),
    /** How many messages are in the index, from an id on. */
    indexed: db.query<{ messages: number }, [number]>(
      "SELECT count(*) AS messages FROM messages_fts_docsize WHERE id >= ?",
    ),
    /** How many messages contain a whole word, counted up to a limit. Parameters: word, limit. */
    holding: db.query<{ messages: number }, [string, number]>(
      `SELECT count(*) AS messages
       FROM (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? LIMIT ?)`,
    ),
    /** The matching messages, the newest first. Their texts are read only when they must be checked. */
    found: db.query<FoundMessageRow, [string]>(foundMessages("''")),
    foundTexts: db.query<FoundMessageRow, [string]>(foundMessages("m.content")),
    total: db.query<{ total: number }, [string, number, number]>(
      `SELECT count(*) AS total FROM conversations
       WHERE seq IN (SELECT value FROM json_each(?)) AND updated_at >= ? AND updated_at < ?`,
    ),
    // Thousands of conversations are counted and sorted by their numbers; texts are read for the page only.
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

function foundMessages(content: string): string {
  // CROSS JOIN makes SQLite read the index first, in its order.
  return `SELECT m.id, m.conversation_seq, ${content} AS content
    FROM messages_fts CROSS JOIN messages AS m ON m.id = messages_fts.rowid
    WHERE messages_fts MATCH ? ORDER BY messages_fts.rowid DESC`;
}

interface FoundMessageRow {
  id: number;
  conversation_seq: number;
  content: string;
}

interface FoundRow extends ConversationRow {
  total: number;
}
