import type { AnswerTestRow, AnswerTestStore } from "../answer-test-store.ts";
import { toAnswerTest, toSourcesText } from "../rows.ts";
import type { SharedParts } from "./knowledge.ts";

/** How written answers were tested last, on SQLite. */
export function createAnswerTests({
  db,
  writes,
}: Pick<SharedParts, "db" | "writes">): AnswerTestStore {
  return {
    listAnswerTests: async () =>
      db
        .query<AnswerTestRow, []>("SELECT * FROM answer_tests ORDER BY document_id")
        .all()
        .map(toAnswerTest),

    async saveAnswerTest({ documentId, at, answer, grounding = null, sources }) {
      const save = db.query<null, [number, string, string | null, string | null, number]>(
        `INSERT OR REPLACE INTO answer_tests (document_id, tested_at, answer, grounding, sources)
         SELECT id, ?, ?, ?, ? FROM knowledge_documents WHERE id = ?`,
      );
      await writes.write(() => save.run(at, answer, grounding, toSourcesText(sources), documentId));
    },
  };
}
