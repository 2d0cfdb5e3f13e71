import type { Rating, RatingValue } from "../../conversation/records.ts";
import type { DayOf } from "../figures.ts";
import type { RatingStore } from "../rating-store.ts";
import { toReasonsText } from "../rows.ts";
import type { SharedParts } from "./knowledge.ts";

/** What visitors think of answers, on SQLite. */
export function createRatings(
  { db, writes }: Pick<SharedParts, "db" | "writes">,
  dayOf: DayOf,
): RatingStore {
  const statements = () => ({
    find: db.query<{ id: number; rating: RatingValue | null; created_at: number }, [string]>(
      `SELECT m.id, m.rating, m.created_at FROM messages AS m
       JOIN conversations AS c ON c.seq = m.conversation_seq AND c.updated_at >= 0
       WHERE m.turn_id = ? AND m.role = 'assistant' AND m.status <> 'streaming'`,
    ),
    rate: db.query<null, [string | null, string | null, string | null, number | null, number]>(
      `UPDATE messages SET rating = ?, rating_reasons = ?, rating_comment = ?, rated_at = ?
       WHERE id = ?`,
    ),
    count: db.query<null, [number, string, number]>(
      `INSERT INTO daily_ratings (day, rating, answers) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET answers = answers + excluded.answers`,
    ),
  });

  function rate(turnId: string, rating: Rating | undefined): boolean {
    const { find, rate: store, count } = statements();
    const answer = find.get(turnId);
    if (answer === null) return false;
    store.run(
      rating?.value ?? null,
      toReasonsText(rating?.reasons),
      rating?.comment ?? null,
      rating?.at ?? null,
      answer.id,
    );
    const before = answer.rating ?? undefined;
    if (before === rating?.value) return true;
    // The day of the question, so that a rating is taken from the day that it was added to.
    const day = dayOf(answer.created_at);
    if (before !== undefined) count.run(day, before, -1);
    if (rating !== undefined) count.run(day, rating.value, 1);
    return true;
  }

  return { rateAnswer: (turnId, rating) => writes.write(() => rate(turnId, rating)) };
}
