import { startOf, takeRows } from "../bounded-rows.ts";
import type { ConversationStore } from "../conversation-store.ts";
import {
  type MessageRow,
  toConversation,
  toMessage,
  toVisitorConversation,
  type VisitorConversationRow,
} from "../rows.ts";
import { CONVERSATION, MESSAGE, MOST_BYTES_OF_A_CHARACTER } from "./columns.ts";
import type { Pool } from "./pool.ts";

const SEQ = "SELECT seq FROM conversations WHERE id = $1 AND updated_at >= 0";

/** The rest of a conversation's messages in one direction, as far as their texts can have $4 bytes. */
function messagesOf(bound: "m.id < $2" | "m.id > $2", order: "ASC" | "DESC"): string {
  return `SELECT * FROM (
      SELECT ${MESSAGE},
        sum(octet_length(m.content)) OVER (ORDER BY m.id ${order}) - octet_length(m.content) AS bytes_before
      FROM messages AS m
      WHERE m.conversation_seq = (${SEQ}) AND ${bound}::bigint
      ORDER BY m.id ${order} LIMIT $3::bigint
    ) AS page
    WHERE bytes_before < $4::float8 ORDER BY id ${order}`;
}

const BEFORE = messagesOf("m.id < $2", "DESC");
const AFTER = messagesOf("m.id > $2", "ASC");

const SIZES = `SELECT id::float8 AS id, octet_length(content) AS bytes FROM messages
  WHERE conversation_seq = (${SEQ}) ORDER BY id DESC LIMIT $2::bigint`;

/** Reads what belongs to one conversation. */
export function createConversationReader(
  pool: Pool,
): Omit<
  ConversationStore,
  "exportMessages" | "listConversations" | "listKeys" | "countNewer" | "findNeighbour"
> {
  async function find(where: "id" | "session_id", value: string) {
    const [row] = await pool.query<VisitorConversationRow>(
      `SELECT ${CONVERSATION}, c.was_taken_over FROM conversations AS c
       WHERE ${where} = $1 AND c.updated_at >= 0`,
      [value],
    );
    return row;
  }

  return {
    async findConversation(conversationId) {
      const row = await find("id", conversationId);
      return row && toConversation(row);
    },

    async findConversationBySession(sessionId) {
      const row = await find("session_id", sessionId);
      return row && toVisitorConversation(row);
    },

    async listMessages(
      conversationId,
      limit = Number.MAX_SAFE_INTEGER,
      beforeId = Number.MAX_SAFE_INTEGER,
      characters = Number.POSITIVE_INFINITY,
    ) {
      const bounds = [conversationId, beforeId, limit, characters * MOST_BYTES_OF_A_CHARACTER];
      const newestFirst = await pool.query<MessageRow>(BEFORE, bounds);
      return takeRows(newestFirst, { limit, characters }).toReversed().map(toMessage);
    },

    async messagesAfter(conversationId, afterId, limit, characters = Number.POSITIVE_INFINITY) {
      const bounds = [conversationId, afterId, limit, characters * MOST_BYTES_OF_A_CHARACTER];
      const rows = await pool.query<MessageRow>(AFTER, bounds);
      return takeRows(rows, { limit, characters }).map(toMessage);
    },

    async historyStart(conversationId, limit, bytes) {
      const sizes = await pool.query<{ id: number; bytes: number }>(SIZES, [conversationId, limit]);
      return startOf(sizes, bytes);
    },
  };
}
