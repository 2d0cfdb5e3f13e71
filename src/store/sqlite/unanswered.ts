import {
  IS_POOR,
  MAX_QUESTION_LENGTH,
  MAX_SETTLED,
  toUnanswered,
  type UnansweredRow,
  type UnansweredStore,
} from "../unanswered-store.ts";
import type { SharedParts } from "./knowledge.ts";

/** Questions without a good answer, on SQLite. */
export function createUnanswered({
  db,
  writes,
}: Pick<SharedParts, "db" | "writes">): UnansweredStore {
  const statements = () => ({
    // Named, because SQLite would rather read all messages from the newest on.
    list: db.query<UnansweredRow, [number]>(
      `SELECT c.id AS conversationId, answer.turn_id AS turnId, question.id AS messageId, answer.created_at AS at,
         substr(question.content, 1, ${MAX_QUESTION_LENGTH}) AS question,
         answer.status, answer.grounding, answer.rating,
         EXISTS (
           SELECT 1 FROM requests AS r
           WHERE r.conversation_seq = answer.conversation_seq AND r.turn_id = answer.turn_id
         ) AS isWanted
       FROM messages AS answer
       JOIN messages AS question ON question.id = answer.question_id
       JOIN conversations AS c ON c.seq = answer.conversation_seq
       WHERE answer.id IN (
         SELECT * FROM (
           SELECT id FROM messages INDEXED BY messages_poor WHERE ${IS_POOR} ORDER BY id DESC LIMIT ?1
         ) UNION SELECT m.id FROM requests AS r
         JOIN messages AS m ON m.turn_id = r.turn_id AND m.role = 'assistant'
       ) AND c.updated_at >= 0 ORDER BY answer.id DESC LIMIT ?1`,
    ),
    settled: db.query<{ key: string; at: number; isAnswered: number }, []>(
      `SELECT key, dismissed_at AS at, is_answered AS isAnswered FROM dismissed_questions
       ORDER BY dismissed_at DESC, key`,
    ),
    settle: db.query<null, [string, number, number]>(
      `INSERT INTO dismissed_questions (key, dismissed_at, is_answered) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET dismissed_at = excluded.dismissed_at, is_answered = excluded.is_answered`,
    ),
    forget: db.query<null, [number]>(
      `DELETE FROM dismissed_questions WHERE key IN (
         SELECT key FROM dismissed_questions ORDER BY dismissed_at DESC, key LIMIT -1 OFFSET ?
       )`,
    ),
  });

  return {
    listUnanswered: async (limit) => statements().list.all(limit).map(toUnanswered),

    listSettled: async () =>
      statements()
        .settled.all()
        .map((row) => ({ ...row, isAnswered: row.isAnswered === 1 })),

    settleQuestions: (keys, { at, isAnswered }) =>
      writes.write(() => {
        const { settle, forget } = statements();
        for (const key of keys) settle.run(key, at, isAnswered ? 1 : 0);
        forget.run(MAX_SETTLED);
      }),
  };
}
