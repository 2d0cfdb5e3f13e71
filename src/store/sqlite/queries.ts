import type { Database } from "bun:sqlite";

import type { MessageStatus } from "../../conversation/records.ts";
import type { DayCounts, FirstTokenCount, GroundingCount, RatingCount } from "../figures.ts";
import type { Exchange } from "../history.ts";
import type { ExportRow, MessageRow, TurnRow, VisitorConversationRow } from "../rows.ts";

/** Every statement of the store, prepared once, but for those of the list (list.ts). */
export function prepareQueries(db: Database) {
  return {
    ping: db.query("SELECT 1 FROM totals"),
    size: db.query<{ bytes: number }, []>(
      "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
    ),

    conversationBySession: db.query<ConversationState, [string]>(
      "SELECT * FROM conversations WHERE session_id = ? AND updated_at >= 0",
    ),
    conversationById: db.query<ConversationState, [string]>(
      "SELECT * FROM conversations WHERE id = ? AND updated_at >= 0",
    ),
    insertConversation: db.query<{ seq: number }, [string, string, number, number]>(
      `INSERT INTO conversations (id, session_id, created_at, updated_at, last_message, message_count)
       VALUES (?, ?, ?, ?, '', 0) RETURNING seq`,
    ),
    touchConversation: db.query<null, [number, string, number, number]>(
      `UPDATE conversations SET updated_at = ?, last_message = ?, message_count = message_count + ?
       WHERE seq = ?`,
    ),
    /** The conversation that has been silent longest, without an answer under way. Parameter: before. */
    expired: db.query<{ seq: number }, [number]>(
      `SELECT seq FROM conversations AS c
       WHERE updated_at < ? AND 'streaming' IS NOT (
         SELECT status FROM messages WHERE conversation_seq = c.seq ORDER BY id DESC LIMIT 1
       )
       ORDER BY updated_at, seq LIMIT 1`,
    ),
    /** Separates a conversation from its session. No client can choose a session id with a slash. */
    detachConversation: db.query<null, [number]>(
      "UPDATE conversations SET session_id = '/' || id WHERE seq = ?",
    ),
    /** Of a hidden conversation that is being erased, no part can be restored. */
    forbidRestoring: db.query<null, [number]>(
      "UPDATE conversations SET erase_at = 0 WHERE seq = ? AND erase_at > 0",
    ),
    newestMessages: db.query<ContentRow, [number, number]>(
      "SELECT id, content FROM messages WHERE conversation_seq = ? ORDER BY id DESC LIMIT ?",
    ),
    deleteMessage: db.query<null, [number]>("DELETE FROM messages WHERE id = ?"),
    deleteConversation: db.query<null, [number]>("DELETE FROM conversations WHERE seq = ?"),

    insertQuestion: db.query<{ id: number }, [number, string, string, number]>(
      `INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at)
       VALUES (?, ?, 'user', ?, 'complete', ?) RETURNING id`,
    ),
    insertAnswer: db.query<{ id: number }, InsertAnswerParams>(
      `INSERT INTO messages (conversation_seq, turn_id, question_id, idempotency_key, model,
         role, content, status, created_at, held)
       VALUES (?, ?, ?, ?, ?, 'assistant', '', 'streaming', ?, ?) RETURNING id`,
    ),
    saveDraft: db.query<null, [string, string | null, string]>(
      `UPDATE messages SET content = ?, sources = coalesce(?, sources)
       WHERE turn_id = ? AND role = 'assistant' AND status = 'streaming'`,
    ),
    finishAnswer: db.query<FinishedRow, FinishAnswerParams>(
      `UPDATE messages SET
         content = ?, status = ?, finish_reason = ?, error_code = ?, prompt_tokens = ?,
         completion_tokens = ?, total_tokens = ?, first_token_ms = ?, duration_ms = ?, grounding = ?,
         sources = coalesce(?, sources), cost = ?, held = NULL
       WHERE turn_id = ? AND role = 'assistant' AND status = 'streaming'
       RETURNING id, conversation_seq, created_at`,
    ),
    /** Ends the answer to a question that the model is not asked, because the owner has taken over. */
    leaveToPerson: db.query<null, [string]>(
      `UPDATE messages SET status = 'complete', finish_reason = 'person'
       WHERE turn_id = ? AND role = 'assistant'`,
    ),
    unfinishedAnswers: db.query<UnfinishedRow, []>(
      `SELECT turn_id, content, created_at, held FROM messages
       WHERE id IN (SELECT id FROM unindexed) AND status = 'streaming'`,
    ),

    /** `content` is the result of searchText, for adding and for removing. */
    index: db.query<null, [number, string]>(
      "INSERT INTO messages_fts (rowid, content) VALUES (?, ?)",
    ),
    unindex: db.query<null, [number, string]>(
      "INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', ?, ?)",
    ),
    noteUnindexed: db.query<null, [number]>("INSERT INTO unindexed VALUES (?)"),
    /** Messages after an id that have their final text, the newest first. Read row by row. */
    unindexedMessages: db.query<ContentRow, [number]>(
      `SELECT m.id, m.content FROM unindexed JOIN messages AS m ON m.id = unindexed.id
       WHERE unindexed.id > ? AND m.status <> 'streaming' ORDER BY unindexed.id DESC`,
    ),
    /** Messages up to an id, the newest first. Read row by row. */
    unsearchableMessages: db.query<ContentRow, [number]>(
      "SELECT id, content FROM messages WHERE id <= ? AND status <> 'streaming' ORDER BY id DESC",
    ),
    unsearchable: db.query<{ through: number }, []>("SELECT through FROM unsearchable"),
    setUnsearchable: db.query<null, [number]>("UPDATE unsearchable SET through = ?"),
    newestMessage: db.query<{ id: number | null }, []>("SELECT max(id) AS id FROM messages"),
    forgetUnindexed: db.query<null, [number]>("DELETE FROM unindexed WHERE id = ?"),

    /** Answers with their questions, the newest first. Parameters: conversation, number of answers. */
    exchanges: db.query<Exchange, [number, number]>(
      `SELECT question.id AS questionId, question.content AS question, answer.content AS answer,
         answer.status
       FROM messages AS answer
       JOIN messages AS question ON question.id = answer.question_id
       WHERE answer.conversation_seq = ? AND answer.role = 'assistant'
       ORDER BY answer.id DESC LIMIT ?`,
    ),
    /** As exchanges, with what the owner wrote after each answer. For conversations that he has taken over. */
    exchangesWithOwner: db.query<Exchange, [number, number]>(
      `SELECT question.id AS questionId, question.content AS question, answer.content AS answer,
         answer.status, (
           SELECT group_concat(content, char(10, 10) ORDER BY id) FROM messages
           WHERE conversation_seq = answer.conversation_seq AND author IS NOT NULL
             AND id > answer.id AND id < answer.next_id
         ) AS ownersWords
       FROM (
         SELECT *, lag(id, 1, ${Number.MAX_SAFE_INTEGER}) OVER (ORDER BY id DESC) AS next_id
         FROM messages WHERE conversation_seq = ? AND question_id IS NOT NULL
         ORDER BY id DESC LIMIT ?
       ) AS answer
       JOIN messages AS question ON question.id = answer.question_id
       ORDER BY answer.id DESC`,
    ),
    turn: db.query<TurnRow, [string]>(
      `SELECT answer.*, question.content AS question, c.id AS conversation_id, c.session_id
       FROM messages AS answer
       JOIN messages AS question ON question.id = answer.question_id
       JOIN conversations AS c ON c.seq = answer.conversation_seq
       WHERE answer.turn_id = ? AND answer.role = 'assistant' AND c.updated_at >= 0`,
    ),
    turnIdByKey: db.query<{ turn_id: string }, [number, string]>(
      "SELECT turn_id FROM messages WHERE conversation_seq = ? AND idempotency_key = ?",
    ),

    newestAnswer: db.query<NewestAnswerRow, [number]>(
      "SELECT turn_id, status FROM messages WHERE conversation_seq = ? ORDER BY id DESC LIMIT 1",
    ),
    messagesBefore: db.query<MessageRow, [number, number, number]>(
      "SELECT * FROM messages WHERE conversation_seq = ? AND id < ? ORDER BY id DESC LIMIT ?",
    ),
    /** The newest messages first, without their texts. Parameters: conversation, limit. Read row by row. */
    messageSizes: db.query<{ id: number; bytes: number }, [number, number]>(
      `SELECT id, octet_length(content) AS bytes FROM messages
       WHERE conversation_seq = ? ORDER BY id DESC LIMIT ?`,
    ),
    messagesAfter: db.query<MessageRow, [number, number, number]>(
      "SELECT * FROM messages WHERE conversation_seq = ? AND id > ? ORDER BY id LIMIT ?",
    ),
    exportedMessages: db.query<ExportRow, [number, number]>(
      `SELECT m.*, c.id AS conversation_id, c.session_id
       FROM messages AS m JOIN conversations AS c ON c.seq = m.conversation_seq
       WHERE m.id > ? AND c.updated_at >= 0 ORDER BY m.id LIMIT ?`,
    ),

    countDaily: db.query<null, [number, number, number, number, number]>(
      `INSERT INTO daily (day, conversations, messages, tokens, errors) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET
         conversations = conversations + excluded.conversations,
         messages = messages + excluded.messages,
         tokens = tokens + excluded.tokens,
         errors = errors + excluded.errors`,
    ),
    countFirstToken: db.query<null, [number, number]>(
      `INSERT INTO daily_first_token (day, ms, answers) VALUES (?, ?, 1)
       ON CONFLICT DO UPDATE SET answers = answers + 1`,
    ),
    countGrounding: db.query<null, [number, string]>(
      `INSERT INTO daily_grounding (day, grounding, answers) VALUES (?, ?, 1)
       ON CONFLICT DO UPDATE SET answers = answers + 1`,
    ),
    daily: db.query<DayCounts, [number, number]>(
      "SELECT * FROM daily WHERE day BETWEEN ? AND ? ORDER BY day",
    ),
    dailyFirstToken: db.query<FirstTokenCount, [number, number]>(
      "SELECT * FROM daily_first_token WHERE day BETWEEN ? AND ? ORDER BY day, ms",
    ),
    dailyGrounding: db.query<GroundingCount, [number, number]>(
      "SELECT * FROM daily_grounding WHERE day BETWEEN ? AND ?",
    ),
    dailyRatings: db.query<RatingCount, [number, number]>(
      "SELECT * FROM daily_ratings WHERE day BETWEEN ? AND ?",
    ),

    saveOwnerSession: db.query<null, [string, number, number]>(
      "INSERT INTO owner_sessions (hash, created_at, used_at) VALUES (?, ?, ?)",
    ),
    // Not an upsert, which would bring back a login that ended just before its last use was written.
    touchOwnerSession: db.query<null, [number, string]>(
      "UPDATE owner_sessions SET used_at = ? WHERE hash = ?",
    ),
    ownerSession: db.query<OwnerSessionRow, [string]>(
      "SELECT * FROM owner_sessions WHERE hash = ?",
    ),
    deleteOwnerSession: db.query<null, [string]>("DELETE FROM owner_sessions WHERE hash = ?"),
    deleteOwnerSessions: db.query<null, [number, number]>(
      "DELETE FROM owner_sessions WHERE created_at < ? OR used_at < ?",
    ),

    secret: db.query<{ value: string }, [string]>("SELECT value FROM secrets WHERE name = ?"),
    insertSecret: db.query<null, [string, string]>(
      "INSERT INTO secrets (name, value) VALUES (?, ?)",
    ),
  };
}

/** A conversation, and whether the owner has taken it over before (1) or never (0). */
export type ConversationState = VisitorConversationRow;

export type Queries = ReturnType<typeof prepareQueries>;

type InsertAnswerParams = [
  conversationSeq: number,
  turnId: string,
  questionId: number,
  idempotencyKey: string | null,
  model: string,
  at: number,
  held: string | null,
];

type FinishAnswerParams = [
  content: string,
  status: string,
  finishReason: string | null,
  errorCode: string | null,
  promptTokens: number | null,
  completionTokens: number | null,
  totalTokens: number | null,
  firstTokenMs: number | null,
  durationMs: number | null,
  grounding: string | null,
  sources: string | null,
  cost: number | null,
  turnId: string,
];

interface FinishedRow {
  id: number;
  conversation_seq: number;
  created_at: number;
}

interface OwnerSessionRow {
  hash: string;
  created_at: number;
  used_at: number;
}

export interface ContentRow {
  id: number;
  content: string;
}

interface NewestAnswerRow {
  turn_id: string;
  status: MessageStatus;
}

interface UnfinishedRow {
  turn_id: string;
  content: string;
  created_at: number;
  /** What is set aside for it (spending-ledger.ts). */
  held: string | null;
}
