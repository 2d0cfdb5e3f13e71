import type { Database } from "bun:sqlite";

import { ConversationFullError, MAX_CONVERSATION_MESSAGES } from "../conversation-limit.ts";
import type { DayOf } from "../figures.ts";
import { preview } from "../preview.ts";
import { type MessageRow, toMessage } from "../rows.ts";
import {
  isTakenOver,
  type NewOwnerMessage,
  ownerKey,
  type StoredOwnerMessage,
  type Takeover,
  type TakeoverStore,
  type VersionRow,
} from "../takeover-store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ConversationState, Queries } from "./queries.ts";
import type { SearchIndex } from "./search-index.ts";

interface TakeoverParts {
  readonly queries: Queries;
  readonly writes: GroupCommit;
  readonly index: Pick<SearchIndex, "note">;
  readonly dayOf: DayOf;
}

/** Conversations that the owner has taken over, on SQLite. */
export class SqliteTakeovers implements TakeoverStore {
  readonly #parts: TakeoverParts;
  readonly #statements;

  constructor(db: Database, parts: TakeoverParts) {
    this.#parts = parts;
    this.#statements = prepareTakeovers(db);
  }

  /** Whether the owner answers in a conversation at that time. Costs nothing where he never did. */
  answersIn({ seq, was_taken_over: was }: ConversationState, at: number): boolean {
    return was === 1 && isTakenOver(this.#find(seq), at);
  }

  async takeOver(conversationId: string, by: { name: string; at: number }): Promise<boolean> {
    return this.#parts.writes.write(() => {
      const conversation = this.#parts.queries.conversationById.get(conversationId);
      if (conversation !== null) this.#takeOver(conversation, by);
      return conversation !== null;
    });
  }

  async giveBack(conversationId: string): Promise<boolean> {
    const { changes } = await this.#parts.writes.write(() =>
      this.#statements.giveBack.run(conversationId),
    );
    return changes > 0;
  }

  async findTakeover(conversationId: string): Promise<Takeover | undefined> {
    const conversation = this.#parts.queries.conversationById.get(conversationId);
    return conversation === null ? undefined : this.#find(conversation.seq);
  }

  async addOwnerMessage(message: NewOwnerMessage): Promise<StoredOwnerMessage> {
    return this.#parts.writes.write(() => {
      const conversation = this.#parts.queries.conversationById.get(message.conversationId);
      return conversation === null ? { kind: "missing" } : this.#add(conversation, message);
    });
  }

  async versionsOf(conversationIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = this.#statements.versions.all(JSON.stringify(conversationIds));
    return new Map(rows.map(({ id, version }) => [id, version]));
  }

  async ownerMessagesAfter(conversationId: string, afterId: number, limit: number) {
    const conversation = this.#parts.queries.conversationById.get(conversationId);
    if (conversation === null) return [];
    return this.#statements.messagesAfter.all(conversation.seq, afterId, limit).map(toMessage);
  }

  #find(seq: number): Takeover | undefined {
    return this.#statements.find.get(seq) ?? undefined;
  }

  #takeOver({ seq, was_taken_over: was }: ConversationState, { name, at }: OwnersWord): void {
    const current = this.#find(seq);
    const begunAt = isTakenOver(current, at) ? current.begunAt : at;
    this.#statements.takeOver.run(seq, name, begunAt, at);
    if (was === 0) this.#statements.markTakenOver.run(seq);
  }

  #add(conversation: ConversationState, message: NewOwnerMessage): StoredOwnerMessage {
    const { queries, index, dayOf } = this.#parts;
    const { seq } = conversation;
    const { turnId, text, name, idempotencyKey, at } = message;
    const key = ownerKey(idempotencyKey);
    const earlier = key === null ? null : this.#statements.messageByKey.get(seq, key);
    if (earlier !== null) return { kind: "stored", message: toMessage(earlier), isNew: false };
    if (conversation.message_count >= MAX_CONVERSATION_MESSAGES) throw new ConversationFullError();
    this.#takeOver(conversation, message);
    if (queries.newestAnswer.get(seq)?.status === "streaming") return { kind: "busy" };
    const stored = this.#statements.insert.get(seq, turnId, text, key, name, at);
    if (stored === null) throw new Error("The message could not be stored.");
    index.note(stored.id);
    queries.touchConversation.run(at, preview(text), 1, seq);
    this.#statements.unmark.run(seq);
    queries.countDaily.run(dayOf(at), 0, 1, 0, 0);
    return { kind: "stored", message: toMessage(stored), isNew: true };
  }
}

type OwnersWord = Pick<NewOwnerMessage, "name" | "at">;

function prepareTakeovers(db: Database) {
  return {
    find: db.query<Takeover, [number]>(
      `SELECT name, begun_at AS begunAt, last_word_at AS lastWordAt FROM takeovers
       WHERE conversation_seq = ?`,
    ),
    takeOver: db.query<null, [number, string, number, number]>(
      `INSERT INTO takeovers (conversation_seq, name, begun_at, last_word_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, begun_at = excluded.begun_at,
         last_word_at = excluded.last_word_at`,
    ),
    markTakenOver: db.query<null, [number]>(
      "UPDATE conversations SET was_taken_over = 1 WHERE seq = ?",
    ),
    giveBack: db.query<null, [string]>(
      `DELETE FROM takeovers WHERE conversation_seq = (
         SELECT seq FROM conversations WHERE id = ? AND updated_at >= 0
       )`,
    ),
    messageByKey: db.query<MessageRow, [number, string]>(
      "SELECT * FROM messages WHERE conversation_seq = ? AND idempotency_key = ?",
    ),
    insert: db.query<MessageRow, [number, string, string, string | null, string, number]>(
      `INSERT INTO messages (conversation_seq, turn_id, role, content, status, idempotency_key, author,
         author_name, created_at)
       VALUES (?, ?, 'assistant', ?, 'complete', ?, 'owner', ?, ?) RETURNING *`,
    ),
    /** The newest answer is not a failed or stopped one any more (list-marks.ts). */
    unmark: db.query<null, [number]>(
      `UPDATE conversations SET is_failed = 0, is_stopped = 0
       WHERE seq = ? AND (is_failed = 1 OR is_stopped = 1)`,
    ),
    versions: db.query<VersionRow, [string]>(
      `SELECT c.id, c.message_count || ' ' || (
         SELECT count(*) || ' ' || count(closed_at) FROM requests WHERE conversation_seq = c.seq
       ) || coalesce(' ' || t.begun_at || ' ' || t.last_word_at || ' ' || t.name, '') AS version
       FROM json_each(?) AS wanted JOIN conversations AS c ON c.id = wanted.value AND c.updated_at >= 0
         LEFT JOIN takeovers AS t ON t.conversation_seq = c.seq`,
    ),
    messagesAfter: db.query<MessageRow, [number, number, number]>(
      `SELECT * FROM messages WHERE conversation_seq = ? AND id > ? AND author IS NOT NULL
       ORDER BY id LIMIT ?`,
    ),
  };
}
