import {
  MAX_DISMISSED,
  type UnansweredQuestion,
  type UnansweredStore,
} from "../unanswered-store.ts";
import type { Pool } from "./pool.ts";

/** What visitors have asked and the owner's pages do not say, on PostgreSQL. */
export function createUnanswered(pool: Pool): UnansweredStore {
  return {
    listUnanswered: (limit) =>
      pool.query<UnansweredQuestion>(
        `SELECT c.id AS "conversationId", answer.turn_id AS "turnId", question.content AS question,
           answer.created_at::float8 AS at
         FROM messages AS answer
         JOIN messages AS question ON question.id = answer.question_id
         JOIN conversations AS c ON c.seq = answer.conversation_seq
         WHERE answer.grounding = 'none' AND c.updated_at >= 0 ORDER BY answer.id DESC LIMIT $1`,
        [limit],
      ),

    async listDismissed() {
      const rows = await pool.query<{ key: string }>(
        "SELECT key FROM dismissed_questions ORDER BY dismissed_at DESC, key",
      );
      return rows.map(({ key }) => key);
    },

    async dismissUnanswered(key, at) {
      await pool.query(
        `INSERT INTO dismissed_questions (key, dismissed_at) VALUES ($1, $2::bigint)
         ON CONFLICT (key) DO UPDATE SET dismissed_at = excluded.dismissed_at`,
        [key, at],
      );
      await pool.query(
        `DELETE FROM dismissed_questions WHERE key IN (
           SELECT key FROM dismissed_questions ORDER BY dismissed_at DESC, key OFFSET $1::integer
         )`,
        [MAX_DISMISSED],
      );
    },
  };
}
