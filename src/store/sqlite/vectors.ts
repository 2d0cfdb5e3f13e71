import type { Database } from "bun:sqlite";

import {
  LOOKED_AT,
  type SectionToEmbed,
  type StoredVector,
  type VectorCounts,
  type VectorStore,
} from "../vector-store.ts";
import type { GroupCommit } from "./group-commit.ts";

function prepare(db: Database) {
  return {
    /** Parameters: model, after. Only the ids: most sections have a vector. */
    look: db.query<{ id: number; isMissing: number }, [string, number]>(
      `SELECT looked.id, e.is_indexed = 1 AND e.document_id IS NOT NULL AND v.seq IS NULL AS isMissing
       FROM (SELECT id, edition_id FROM knowledge_sections WHERE id > ?2 ORDER BY id LIMIT ${LOOKED_AT}) AS looked
       JOIN knowledge_editions AS e ON e.id = looked.edition_id
       LEFT JOIN knowledge_vectors AS v ON v.section_id = looked.id AND v.model = ?1
       ORDER BY looked.id`,
    ),
    sections: db.query<SectionToEmbed, [string]>(
      `SELECT s.id, d.title, s.heading, s.text FROM json_each(?) AS wanted
       JOIN knowledge_sections AS s ON s.id = wanted.value
       JOIN knowledge_editions AS e ON e.id = s.edition_id
       JOIN knowledge_documents AS d ON d.id = e.document_id ORDER BY s.id`,
    ),
    put: db.query<null, [number, string, Uint8Array]>(
      `INSERT OR REPLACE INTO knowledge_vectors (section_id, model, vector)
       SELECT id, ?2, ?3 FROM knowledge_sections WHERE id = ?1`,
    ),
    read: db.query<StoredVector, [string, number, number]>(
      `SELECT seq, section_id AS sectionId, vector FROM knowledge_vectors
       WHERE model = ? AND seq > ? ORDER BY seq LIMIT ?`,
    ),
    counts: db.query<VectorCounts, [string]>(
      `SELECT (SELECT count(*) FROM knowledge_vectors WHERE model = ?) AS vectors,
         (SELECT coalesce(sum(sections), 0) FROM knowledge_documents WHERE status = 'ok') AS sections`,
    ),
  };
}

/** The vectors of sections, on SQLite. */
export function createVectors(db: Database, writes: GroupCommit): VectorStore {
  const queries = prepare(db);
  return {
    async findVectorless(model, after, limit) {
      const looked = queries.look.all(model, after);
      const missing = looked.filter(({ isMissing }) => isMissing === 1).map(({ id }) => id);
      const wanted = missing.slice(0, limit);
      const isAll = missing.length <= limit;
      const through = isAll ? looked.at(-1)?.id : wanted.at(-1);
      return {
        sections: queries.sections.all(JSON.stringify(wanted)),
        through: isAll && looked.length < LOOKED_AT ? undefined : through,
      };
    },

    async putVectors(model, vectors) {
      await writes.write(() => {
        for (const { sectionId, vector } of vectors) queries.put.run(sectionId, model, vector);
      });
    },

    readVectors: async (model, afterSeq, limit) => queries.read.all(model, afterSeq, limit),
    countVectors: async (model) => queries.counts.get(model) ?? { vectors: 0, sections: 0 },
    // One server has the file.
    claimVectors: async () => true,
  };
}
