import type { AnswerTestRow, AnswerTestStore } from "../answer-test-store.ts";
import { toAnswerTest, toSourcesText } from "../rows.ts";
import type { Pool } from "./pool.ts";

/** How written answers were tested last, on PostgreSQL. */
export function createAnswerTests(pool: Pool): AnswerTestStore {
  return {
    async listAnswerTests() {
      const rows = await pool.query<AnswerTestRow>(
        `SELECT document_id::float8 AS document_id, tested_at::float8 AS tested_at, answer, grounding, sources
         FROM answer_tests ORDER BY document_id`,
      );
      return rows.map(toAnswerTest);
    },

    async saveAnswerTest({ documentId, at, answer, grounding = null, sources }) {
      await pool.query(
        `INSERT INTO answer_tests (document_id, tested_at, answer, grounding, sources)
         SELECT id, $2::bigint, $3, $4, $5 FROM knowledge_documents WHERE id = $1::bigint
         ON CONFLICT (document_id) DO UPDATE SET tested_at = excluded.tested_at, answer = excluded.answer,
           grounding = excluded.grounding, sources = excluded.sources`,
        [documentId, at, answer, grounding, toSourcesText(sources)],
      );
    },
  };
}
