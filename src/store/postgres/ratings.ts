import type { DayOf } from "../figures.ts";
import type { RatingStore } from "../rating-store.ts";
import { toReasonsText } from "../rows.ts";
import type { Pool } from "./pool.ts";

/** What visitors think of answers, on PostgreSQL. */
export function createRatings(pool: Pool, dayOf: DayOf): RatingStore {
  return {
    async rateAnswer(turnId, rating) {
      const [answer] = await pool.query<{ at: number }>(
        "SELECT created_at::float8 AS at FROM messages WHERE turn_id = $1 AND role = 'assistant'",
        [turnId],
      );
      if (answer === undefined) return false;
      const [row] = await pool.query<{ rated: boolean }>(
        "SELECT rate_answer($1, $2, $3, $4, $5::bigint, $6::integer) AS rated",
        [
          turnId,
          rating?.value ?? null,
          toReasonsText(rating?.reasons),
          rating?.comment ?? null,
          rating?.at ?? null,
          dayOf(answer.at),
        ],
      );
      return row?.rated === true;
    },
  };
}

/**
 * Stores a rating, or takes it back. The row of the conversation is locked first, as everywhere. It is counted to the day
 * of the question, so that it is taken from the day that it was added to.
 */
export const RATE_ANSWER = `
CREATE FUNCTION rate_answer(
  p_turn text, p_rating text, p_reasons text, p_comment text, p_at bigint, p_day integer
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  answer record;
BEGIN
  SELECT id, conversation_seq INTO answer FROM messages WHERE turn_id = p_turn AND role = 'assistant';
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM FROM conversations WHERE seq = answer.conversation_seq AND updated_at >= 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT id, rating INTO answer FROM messages WHERE id = answer.id AND status <> 'streaming';
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE messages SET rating = p_rating, rating_reasons = p_reasons, rating_comment = p_comment,
    rated_at = p_at
  WHERE id = answer.id;
  IF answer.rating IS DISTINCT FROM p_rating THEN
    INSERT INTO daily_ratings AS d (day, rating, answers)
    SELECT p_day, rating, answers FROM (VALUES (answer.rating, -1), (p_rating, 1)) AS changed (rating, answers)
    WHERE rating IS NOT NULL ORDER BY rating
    ON CONFLICT (day, rating) DO UPDATE SET answers = d.answers + excluded.answers;
  END IF;
  RETURN true;
END $$;
`;
