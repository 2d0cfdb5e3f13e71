import type { Database } from "bun:sqlite";

import type { MessageRole } from "../../conversation/records.ts";
import { pageOfPlaces, type Place, timesOf, toPage } from "../conversation-pages.ts";
import type {
  ConversationFilter,
  ConversationPage,
  FoundMessage,
  Searched,
} from "../conversation-store.ts";
import { excerpt } from "../found-message.ts";
import { markCondition } from "../list-marks.ts";
import type { ListedRow } from "../rows.ts";
import { MAX_FOUND_MESSAGES } from "../search-queue.ts";
import { firstIdAfter, searchEnd } from "../search-start.ts";
import { hasPhrases, readSearch, type SearchWord } from "../search-words.ts";
import { listed } from "./list.ts";
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
  /** The newest message that was found in each conversation, by its number. */
  readonly conversations: ReadonlyMap<number, number>;
  readonly searched: Searched;
}

/**
 * Searches for conversations.
 * @yields the result so far, again and again, with the number of messages that were searched
 */
export function* searchConversations(
  db: Database,
  filter: ConversationFilter,
): Generator<ConversationPage, void, void> {
  const queries = prepareSearch(db, filter);
  const { words } = readSearch(filter.search ?? "");
  const excerpts = new Map<number, FoundMessage>();
  const readFound = (messageId: number): FoundMessage | undefined => {
    const known = excerpts.get(messageId);
    const row = known === undefined ? queries.message.get(messageId) : null;
    if (row === null) return known;
    const message = { messageId, role: row.role, ...excerpt(row.content, words) };
    excerpts.set(messageId, message);
    return message;
  };
  for (const { conversations, searched } of findMessages(db, filter)) {
    yield { ...foundPage(queries, conversations, filter, readFound), searched };
  }
}

/**
 * Searches the index from the newest message to the oldest. FTS5 finds the messages that have all the tokens.
 * Whether the tokens of a phrase follow each other is checked in the text: a message can be written so that
 * FTS5 needs seconds for that check, and FTS5 cannot be stopped.
 * @yields the result so far, again and again
 */
export function* findMessages(
  db: Database,
  filter: ConversationFilter,
): Generator<Found, void, void> {
  const queries = prepareSearch(db, filter);
  const { words, wordsLeftOut } = readSearch(filter.search ?? "");
  const newest = queries.newest.get()?.id ?? 0;
  const isBuilt = (queries.unsearchable.get()?.through ?? 0) === 0;
  const conversations = new Map<number, number>();
  let matches = 0;
  const found = (downTo: number, isEnd: boolean): Found => {
    const messages = queries.indexed.get(downTo)?.messages ?? 0;
    const isComplete = isEnd && isBuilt;
    const building = isBuilt ? {} : { isBuilding: true as const };
    return {
      conversations,
      searched: { messages, isComplete, matches, wordsLeftOut, ...building },
    };
  };
  if (words.length === 0) return yield found(0, true);

  const phrases = words.filter((tokens) => tokens.length > 1);
  const { from, to } = timesOf(filter);
  const texts = phrases.length > 0 ? queries.foundTexts : queries.found;
  const start = filter.to === undefined ? undefined : queries.firstIdAfter.get(searchEnd(to))?.id;
  const expression = expressionOf(queries, words, newest);
  const rows = texts.iterate(expression, from, to, start ?? Number.MAX_SAFE_INTEGER);
  let answeredAt = performance.now();
  for (const { id, conversation_seq: seq, content, fits } of rows) {
    if (fits === 1 && (phrases.length === 0 || hasPhrases(content, phrases))) {
      if (!conversations.has(seq)) conversations.set(seq, id);
      matches += 1;
    }
    const isCut = matches === MAX_FOUND_MESSAGES;
    if (isCut || performance.now() - answeredAt > ANSWER_INTERVAL_MS) {
      yield found(id, false);
      answeredAt = performance.now();
    }
    if (isCut) return;
  }
  yield found(0, true);
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

function foundPage(
  queries: SearchQueries,
  found: ReadonlyMap<number, number>,
  filter: ConversationFilter,
  readFound: (messageId: number) => FoundMessage | undefined,
): ConversationPage {
  const places = queries.places.all(JSON.stringify([...found.keys()]));
  const { seqs, ...counts } = pageOfPlaces(places, filter);
  const rows = queries.listed.all(JSON.stringify(seqs));
  const foundIn = (seq: number) => readFound(found.get(seq) ?? 0);
  return toPage({ rows, ...counts, foundIn }, filter);
}

function prepareSearch(db: Database, filter: ConversationFilter) {
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
    found: db.query<FoundMessageRow, FoundParams>(foundMessages("''", filter)),
    foundTexts: db.query<FoundMessageRow, FoundParams>(foundMessages("m.content", filter)),
    firstIdAfter: db.query<{ id: number | null }, [number]>(firstIdAfter("?1")),
    message: db.query<{ role: MessageRole; content: string }, [number]>(
      "SELECT role, content FROM messages WHERE id = ?",
    ),
    /** Of conversations whose numbers are in an array. */
    places: db.query<Place, [string]>(
      `SELECT seq, updated_at FROM conversations
       WHERE seq IN (SELECT value FROM json_each(?)) AND updated_at >= 0 ORDER BY updated_at DESC, seq DESC`,
    ),
    listed: db.query<ListedRow, [string]>(
      `${listed("conversations")} WHERE c.seq IN (SELECT value FROM json_each(?))
       ORDER BY c.updated_at DESC, c.seq DESC`,
    ),
  };
}

type SearchQueries = ReturnType<typeof prepareSearch>;

/** `fits` says whether the conversation fits the filter: rows without it show how far the search came. */
function foundMessages(content: string, { from, to, mark }: ConversationFilter): string {
  const isFiltered = from !== undefined || to !== undefined || mark !== undefined;
  const fits = isFiltered
    ? `(SELECT c.updated_at >= ?2 AND c.updated_at < ?3 AND ${markCondition(mark)}
        FROM conversations AS c WHERE c.seq = m.conversation_seq)`
    : "?2 < ?3";
  // CROSS JOIN makes SQLite read the index first, in its order.
  return `SELECT m.id, m.conversation_seq, ${content} AS content, ${fits} AS fits
    FROM messages_fts CROSS JOIN messages AS m ON m.id = messages_fts.rowid
    WHERE messages_fts MATCH ?1 AND messages_fts.rowid < ?4 ORDER BY messages_fts.rowid DESC`;
}

type FoundParams = [expression: string, from: number, to: number, beforeId: number];

interface FoundMessageRow {
  id: number;
  conversation_seq: number;
  content: string;
  fits: number;
}
