import { ConversationFullError, MAX_CONVERSATION_MESSAGES } from "../conversation-limit.ts";
import type { DayOf } from "../figures.ts";
import { preview } from "../preview.ts";
import { type MessageRow, toMessage } from "../rows.ts";
import {
  type NewOwnerMessage,
  ownerKey,
  type Takeover,
  type TakeoverStore,
  type VersionRow,
} from "../takeover-store.ts";
import { MESSAGE } from "./columns.ts";
import type { Pool } from "./pool.ts";
import { searchVector } from "./search-vector.ts";

const SEQ = "SELECT seq FROM conversations WHERE id = $1 AND updated_at >= 0";

const FIND = `SELECT name, begun_at::float8 AS "begunAt", last_word_at::float8 AS "lastWordAt" FROM takeovers
  WHERE conversation_seq = (${SEQ})`;

const ADD = `SELECT kind, message::float8 AS message FROM add_owner_message(
  $1, $2, $3, $4::tsvector, $5, $6, $7, $8::bigint, $9::integer, $10::integer)`;

const AFTER = `SELECT ${MESSAGE} FROM messages AS m
  WHERE m.conversation_seq = (${SEQ}) AND m.id > $2::bigint AND m.author IS NOT NULL
  ORDER BY m.id LIMIT $3::integer`;

const VERSIONS = `SELECT c.id, concat_ws(' ', c.message_count, r.count, r.closed, t.begun_at, t.last_word_at, t.name) AS version
  FROM conversations AS c LEFT JOIN takeovers AS t ON t.conversation_seq = c.seq, LATERAL (
    SELECT count(*) AS count, count(closed_at) AS closed FROM requests WHERE conversation_seq = c.seq
  ) AS r WHERE c.id = ANY ($1::text[]) AND c.updated_at >= 0`;

interface AddedRow {
  readonly kind: "stored" | "earlier" | "busy" | "full" | "missing";
  readonly message: number | null;
}

/** Conversations that the owner has taken over, on PostgreSQL. */
export function createTakeovers(pool: Pool, dayOf: DayOf): TakeoverStore {
  async function add(message: NewOwnerMessage): Promise<AddedRow> {
    const { conversationId, turnId, text, name, idempotencyKey, at } = message;
    const words = await searchVector(text);
    const [row] = await pool.query<AddedRow>(ADD, [
      conversationId,
      turnId,
      text,
      words,
      preview(text),
      name,
      ownerKey(idempotencyKey),
      at,
      MAX_CONVERSATION_MESSAGES,
      dayOf(at),
    ]);
    if (row === undefined) throw new Error("The message could not be stored.");
    return row;
  }

  return {
    async takeOver(conversationId, { name, at }) {
      const [row] = await pool.query<{ taken: boolean }>(
        "SELECT take_over($1, $2, $3::bigint) AS taken",
        [conversationId, name, at],
      );
      return row?.taken === true;
    },

    async giveBack(conversationId) {
      const { count } = await pool.query(
        `DELETE FROM takeovers WHERE conversation_seq = (${SEQ})`,
        [conversationId],
      );
      return count > 0;
    },

    async findTakeover(conversationId) {
      const [row] = await pool.query<Takeover>(FIND, [conversationId]);
      return row;
    },

    async addOwnerMessage(message) {
      const { kind, message: id } = await add(message);
      if (kind === "full") throw new ConversationFullError();
      if (kind === "busy" || kind === "missing") return { kind };
      const [row] = await pool.query<MessageRow>(
        `SELECT ${MESSAGE} FROM messages AS m WHERE m.id = $1::bigint`,
        [id],
      );
      // It was erased meanwhile.
      if (row === undefined) return { kind: "missing" };
      return { kind: "stored", message: toMessage(row), isNew: kind === "stored" };
    },

    async versionsOf(conversationIds) {
      const rows = await pool.query<VersionRow>(VERSIONS, [conversationIds]);
      return new Map(rows.map(({ id, version }) => [id, version]));
    },

    async ownerMessagesAfter(conversationId, afterId, limit) {
      const rows = await pool.query<MessageRow>(AFTER, [conversationId, afterId, limit]);
      return rows.map(toMessage);
    },
  };
}
