import type { Database } from "bun:sqlite";

/** How many conversations a step looks at: some 2 ms. */
const STEP_CONVERSATIONS = 200;

/**
 * Gives marks (list-marks.ts) to some of the conversations from before the update that has brought them, the newest first.
 * Call it inside a transaction.
 * @returns whether that was the last one
 */
export function fillMarksStep(db: Database): boolean {
  const row = db.query<{ through: number }, []>("SELECT through FROM unmarked").get();
  if (row === null) return true;
  const before = row.through - STEP_CONVERSATIONS;
  db.query<null, [number, number]>(FILL).run(before, row.through);
  db.query<null, [number]>("UPDATE unmarked SET through = ?").run(before);
  if (before > 0) return false;
  db.run("DELETE FROM unmarked");
  return true;
}

const FILL = `UPDATE conversations SET is_failed = last.is_failed, is_stopped = last.is_stopped,
    is_unanswered = last.is_unanswered
  FROM (
    SELECT c.seq, coalesce(answer.status IN ('failed', 'interrupted'), 0) AS is_failed,
      coalesce(answer.status = 'stopped', 0) AS is_stopped, EXISTS (
        SELECT 1 FROM messages WHERE conversation_seq = c.seq AND grounding = 'none'
      ) AS is_unanswered
    FROM conversations AS c LEFT JOIN messages AS answer ON answer.id = (
      SELECT max(id) FROM messages WHERE conversation_seq = c.seq
    ) WHERE c.seq > ? AND c.seq <= ?
  ) AS last
  WHERE conversations.seq = last.seq AND (last.is_failed OR last.is_stopped OR last.is_unanswered)`;
