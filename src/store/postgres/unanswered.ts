import {
  IS_POOR,
  MAX_QUESTION_LENGTH,
  MAX_SETTLED,
  type SettledQuestion,
  toUnanswered,
  type UnansweredRow,
  type UnansweredStore,
} from "../unanswered-store.ts";
import type { Pool } from "./pool.ts";

/** Questions without a good answer, on PostgreSQL. */
export function createUnanswered(pool: Pool): UnansweredStore {
  return {
    async listUnanswered(limit) {
      const rows = await pool.query<UnansweredRow>(
        `SELECT c.id AS "conversationId", answer.turn_id AS "turnId", question.id::float8 AS "messageId",
           answer.created_at::float8 AS at,
           substr(question.content, 1, ${MAX_QUESTION_LENGTH}) AS question,
           answer.status, answer.grounding, answer.rating,
           EXISTS (
             SELECT FROM requests AS r
             WHERE r.conversation_seq = answer.conversation_seq AND r.turn_id = answer.turn_id
           )::integer AS "isWanted"
         FROM messages AS answer
         JOIN messages AS question ON question.id = answer.question_id
         JOIN conversations AS c ON c.seq = answer.conversation_seq
         WHERE answer.id IN (
           (SELECT id FROM messages WHERE ${IS_POOR} ORDER BY id DESC LIMIT $1::integer)
           UNION SELECT m.id FROM requests AS r
           JOIN messages AS m ON m.turn_id = r.turn_id AND m.role = 'assistant'
         ) AND c.updated_at >= 0 ORDER BY answer.id DESC LIMIT $1::integer`,
        [limit],
      );
      return rows.map(toUnanswered);
    },

    listSettled: () =>
      pool.query<SettledQuestion>(
        `SELECT key, dismissed_at::float8 AS at, is_answered = 1 AS "isAnswered"
         FROM dismissed_questions ORDER BY dismissed_at DESC, key`,
      ),

    async settleQuestions(keys, { at, isAnswered }) {
      await pool.query(
        `INSERT INTO dismissed_questions (key, dismissed_at, is_answered)
         SELECT DISTINCT key, $2::bigint, $3::integer FROM unnest($1::text[]) AS k (key)
         ON CONFLICT (key) DO UPDATE SET dismissed_at = excluded.dismissed_at, is_answered = excluded.is_answered`,
        [keys, at, isAnswered ? 1 : 0],
      );
      await pool.query(
        `DELETE FROM dismissed_questions WHERE key IN (
           SELECT key FROM dismissed_questions ORDER BY dismissed_at DESC, key OFFSET $1::integer
         )`,
        [MAX_SETTLED],
      );
    },
  };
}
