import type { KnowledgeSize, KnowledgeStore } from "../knowledge-store.ts";
import { createLazyKnowledge } from "../lazy-knowledge.ts";
import type { SharedParts } from "./knowledge.ts";

/** What the bot knows, on SQLite. Its code is loaded when it is used, and not to find out that nothing is known. */
export function createSqliteKnowledge(parts: SharedParts): KnowledgeStore {
  const size = parts.db.query<KnowledgeSize, []>("SELECT * FROM knowledge_totals");
  const hasAny = parts.db.query<{ any: number }, []>(
    `SELECT EXISTS (SELECT 1 FROM knowledge_editions)
       OR EXISTS (SELECT 1 FROM knowledge_sources WHERE is_removed = 1)
       OR (SELECT merge FROM knowledge_index) <> 'none' AS "any"`,
  );
  const hasSource = parts.db.query<{ any: number }, []>(
    'SELECT EXISTS (SELECT 1 FROM knowledge_sources) AS "any"',
  );
  return createLazyKnowledge({
    load: async () => (await import("./knowledge.ts")).openKnowledge(parts),
    async knowledgeSize() {
      const { documents, sections, words } = size.get() ?? { documents: 0, sections: 0, words: 0 };
      return { documents, sections, words };
    },
    hasSource: async () => hasSource.get()?.any === 1,
    hasWork: async () => hasAny.get()?.any === 1,
  });
}
