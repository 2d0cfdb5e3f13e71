import type { MarkStore } from "../store.ts";
import type { Pool } from "./pool.ts";

/** How many conversations a step looks at: some 10 ms. */
const STEP_CONVERSATIONS = 500;

/**
 * Gives marks (list-marks.ts) to p_conversations of those from before the update that has brought them, the newest first.
 * One replica does so at a time. Returns whether that was the last one.
 */
export const FILL_MARKS = `
CREATE FUNCTION fill_marks(p_conversations integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  last_seq bigint;
  found_seqs bigint[];
BEGIN
  SELECT through INTO last_seq FROM unmarked FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN NOT EXISTS (SELECT FROM unmarked); END IF;
  SELECT array_agg(seq) INTO found_seqs FROM (
    SELECT seq FROM conversations AS c
    WHERE seq > last_seq - p_conversations AND seq <= last_seq AND EXISTS (
      SELECT FROM messages WHERE conversation_seq = c.seq
        AND (status IN ('failed', 'interrupted', 'stopped') OR grounding = 'none')
    ) ORDER BY seq FOR NO KEY UPDATE
  ) AS locked;
  -- A statement of its own sees what came just before the rows were locked.
  UPDATE conversations AS c SET
    is_failed = coalesce((newest_status(c.seq) IN ('failed', 'interrupted'))::integer, 0),
    is_stopped = coalesce((newest_status(c.seq) = 'stopped')::integer, 0),
    is_unanswered = EXISTS (
      SELECT FROM messages WHERE conversation_seq = c.seq AND grounding = 'none'
    )::integer
  WHERE seq = ANY (found_seqs);
  UPDATE unmarked SET through = last_seq - p_conversations;
  DELETE FROM unmarked WHERE through <= 0;
  RETURN FOUND;
END $$;
CREATE FUNCTION newest_status(p_conversation bigint) RETURNS text LANGUAGE sql AS $$
  SELECT status FROM messages WHERE conversation_seq = p_conversation ORDER BY id DESC LIMIT 1
$$;
`;

export function createMarks(pool: Pool): MarkStore {
  return {
    async fillMarks() {
      const [row] = await pool.query<{ isDone: boolean }>(
        'SELECT fill_marks($1::integer) AS "isDone"',
        [STEP_CONVERSATIONS],
      );
      return row?.isDone ?? true;
    },
  };
}
