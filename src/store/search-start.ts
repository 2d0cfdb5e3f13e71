import { DAY_MS } from "../runtime/time.ts";

/** Clocks are set back at times, so that a message may be older than the one before it. */
const MARGIN_MS = DAY_MS;

/** The time for firstIdAfter: no conversation that was last active before `to` has a message from this time on. */
export function searchEnd(to: number): number {
  return Math.min(to + MARGIN_MS, Number.MAX_SAFE_INTEGER);
}

/**
 * A statement, for both databases, that returns about the first id of a message from a time on. Ids grow with time, so
 * it halves the ids again and again.
 * @param time the parameter with the time
 */
export function firstIdAfter(time: string): string {
  const middle = "(low + high) / 2";
  const isBefore = `coalesce(
    (SELECT created_at FROM messages WHERE id >= ${middle} ORDER BY id LIMIT 1) < ${time}, false)`;
  return `WITH RECURSIVE halves (low, high) AS (
      SELECT coalesce(min(id), 0) - 1, coalesce(max(id), 0) + 1 FROM messages
      UNION ALL
      SELECT CASE WHEN ${isBefore} THEN ${middle} ELSE low END,
        CASE WHEN ${isBefore} THEN high ELSE ${middle} END
      FROM halves WHERE high - low > 1
    ) SELECT max(high) AS id FROM halves WHERE high - low <= 1`;
}
