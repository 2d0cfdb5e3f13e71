import {
  LOOKED_AT,
  type SectionToEmbed,
  type VectorCounts,
  type VectorStore,
} from "../vector-store.ts";
import type { Pool } from "./pool.ts";

const LOOK = `WITH looked AS MATERIALIZED (
    SELECT id, document_id, heading, text FROM knowledge_sections WHERE id > $2::bigint
    ORDER BY id LIMIT ${LOOKED_AT}
  ), missing AS (
    SELECT looked.id::float8 AS id, d.title, looked.heading, looked.text FROM looked
    JOIN knowledge_documents AS d ON d.id = looked.document_id AND d.status = 'ok'
    JOIN knowledge_sources AS source ON source.id = d.source_id AND source.is_removed = 0
    WHERE NOT EXISTS (
      SELECT 1 FROM knowledge_vectors AS v WHERE v.section_id = looked.id AND v.model = $1
    )
    ORDER BY looked.id LIMIT $3::integer + 1
  )
  SELECT (SELECT count(*) FROM looked)::integer AS looked, (SELECT max(id) FROM looked)::float8 AS last,
    (SELECT json_agg(missing ORDER BY id) FROM missing) AS missing`;

interface LookRow {
  readonly looked: number;
  readonly last: number | null;
  /** One more than the limit where there are more. */
  readonly missing: readonly SectionToEmbed[] | null;
}

/** The sections are locked, so that none is deleted before its vector is there to be deleted with it. */
const PUT = `WITH there AS (
    SELECT s.id, decode(given.vector, 'base64') AS vector
    FROM unnest($2::bigint[], $3::text[]) AS given (id, vector)
    JOIN knowledge_sections AS s ON s.id = given.id ORDER BY s.id FOR KEY SHARE OF s
  )
  INSERT INTO knowledge_vectors AS v (section_id, model, vector) SELECT id, $1, vector FROM there
  ON CONFLICT (section_id) DO UPDATE
    SET seq = excluded.seq, model = excluded.model, vector = excluded.vector`;

const READ = `SELECT seq::float8 AS seq, section_id::float8 AS "sectionId", encode(vector, 'base64') AS vector
  FROM knowledge_vectors WHERE model = $1 AND seq > $2::bigint ORDER BY seq LIMIT $3::integer`;

interface VectorRow {
  readonly seq: number;
  readonly sectionId: number;
  readonly vector: string;
}

const CLAIM = `INSERT INTO knowledge_vector_claim AS c (id, owner, until) VALUES (1, $1, $3::bigint)
  ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE c.owner = excluded.owner OR c.until <= $2::bigint
  RETURNING owner`;

const COUNTS = `SELECT (SELECT count(*) FROM knowledge_vectors WHERE model = $1)::integer AS vectors,
  (SELECT coalesce(sum(sections), 0) FROM knowledge_documents WHERE status = 'ok')::integer AS sections`;

/** The vectors of sections, on PostgreSQL. */
export function createVectors(pool: Pool): VectorStore {
  return {
    async findVectorless(model, after, limit) {
      const [row] = await pool.query<LookRow>(LOOK, [model, after, limit]);
      if (row === undefined) throw new Error("The sections without a vector could not be read.");
      const missing = row.missing ?? [];
      const sections = missing.slice(0, limit);
      if (missing.length > limit) return { sections, through: sections.at(-1)?.id };
      return { sections, through: row.looked < LOOKED_AT ? undefined : (row.last ?? undefined) };
    },

    async putVectors(model, vectors) {
      const ids = vectors.map(({ sectionId }) => String(sectionId));
      const texts = vectors.map(({ vector }) => vector.toBase64());
      await pool.query(PUT, [model, ids, texts]);
    },

    async readVectors(model, afterSeq, limit) {
      const rows = await pool.query<VectorRow>(READ, [model, afterSeq, limit]);
      return rows.map((row) => ({ ...row, vector: Uint8Array.fromBase64(row.vector) }));
    },

    async countVectors(model) {
      const [row] = await pool.query<VectorCounts>(COUNTS, [model]);
      return row ?? { vectors: 0, sections: 0 };
    },

    async claimVectors({ owner, now, until }) {
      return (await pool.query(CLAIM, [owner, now, until])).length > 0;
    },
  };
}
