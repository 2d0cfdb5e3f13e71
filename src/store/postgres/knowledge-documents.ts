import { type DocumentRow, foldedName, toDocument } from "../knowledge-rows.ts";
import type { DocumentStore, StoredSection } from "../knowledge-store.ts";
import type { Pool } from "./pool.ts";

const COLUMNS = `d.id::float8 AS id, d.source_id::float8 AS source_id, d.uri, d.title, d.lang, d.status, d.reason,
  d.etag, d.last_modified, d.hash, d.sections, d.words, d.misses, d.checked_at::float8 AS checked_at,
  d.changed_at::float8 AS changed_at`;

const DOCUMENTS = `FROM knowledge_documents AS d
  JOIN knowledge_sources AS source ON source.id = d.source_id AND source.is_removed = 0`;

const FITTING = `${DOCUMENTS}
  WHERE ($1::bigint IS NULL OR d.source_id = $1::bigint) AND ($2::text IS NULL OR d.status = $2::text)
    AND ($3::text IS NULL OR position($3::text IN d.folded) > 0)`;

const SECTION = `s.id::float8 AS id, d.id::float8 AS "documentId", s.position, s.heading, s.anchor, s.text,
  d.uri, d.title`;

/** A document that the owner does not want, or that has a text, keeps its status. */
const NOTE = `INSERT INTO knowledge_documents AS d (source_id, uri, title, folded, status, reason, sections, words,
    misses, checked_at, changed_at, version)
  SELECT id, $2, '', $3, $4, $5, 0, 0, $6::integer, $7::bigint, $7::bigint, 0
  FROM knowledge_sources WHERE id = $1::bigint AND is_removed = 0
  ON CONFLICT (uri) DO UPDATE SET source_id = excluded.source_id, reason = excluded.reason,
    checked_at = excluded.checked_at,
    status = CASE WHEN d.sections > 0 OR d.status = 'off' THEN d.status ELSE excluded.status END,
    misses = CASE WHEN excluded.misses = 0 THEN 0 ELSE d.misses + 1 END`;

interface DocumentPools {
  /** For what a question waits for. */
  readonly turns: Pool;
  readonly slow: Pool;
}

/** The documents and their sections, on PostgreSQL: all but what changes the sections. */
export function createKnowledgeDocuments({ turns, slow }: DocumentPools): DocumentStore {
  return {
    async listDocuments({ sourceId, status, search, limit, afterId = 0 }) {
      const fitting = [sourceId, status, search?.toLowerCase()];
      const [rows, [count]] = await Promise.all([
        slow.query<DocumentRow>(
          `SELECT ${COLUMNS} ${FITTING} AND d.id > $4::bigint ORDER BY d.id LIMIT $5`,
          [...fitting, afterId, limit],
        ),
        slow.query<{ total: number }>(`SELECT count(*)::integer AS total ${FITTING}`, fitting),
      ]);
      return { documents: rows.map(toDocument), total: count?.total ?? 0 };
    },

    async findDocument(uri) {
      const [row] = await slow.query<DocumentRow>(
        `SELECT ${COLUMNS} ${DOCUMENTS} WHERE d.uri = $1`,
        [uri],
      );
      return row && toDocument(row);
    },

    async findOriginal(documentId) {
      const [row] = await slow.query<{ original: string | null }>(
        "SELECT original FROM knowledge_documents WHERE id = $1::bigint",
        [documentId],
      );
      return row?.original ?? undefined;
    },

    async touchDocument(uri, { etag, lastModified, at }) {
      await slow.query(
        `UPDATE knowledge_documents SET etag = $2, last_modified = $3, checked_at = $4::bigint, misses = 0,
           reason = CASE WHEN sections > 0 THEN NULL ELSE reason END
         WHERE uri = $1`,
        [uri, etag, lastModified, at],
      );
    },

    async noteDocument({ sourceId, uri, status, reason, isMissing, at }) {
      // Repeated after a lost answer, a miss counts twice, so that a page is asked for once less.
      const values = [sourceId, uri, foldedName(uri, ""), status, reason, isMissing ? 1 : 0, at];
      await slow.query(NOTE, values);
    },

    readSections: (ids) =>
      turns.query<StoredSection>(
        `SELECT ${SECTION} ${DOCUMENTS}
           JOIN knowledge_sections AS s ON s.document_id = d.id
           JOIN unnest($1::bigint[]) WITH ORDINALITY AS wanted (id, place) ON wanted.id = s.id
         WHERE d.status = 'ok' ORDER BY wanted.place`,
        [ids],
      ),

    sectionsOf: (documentId) =>
      slow.query<StoredSection>(
        `SELECT ${SECTION} ${DOCUMENTS} JOIN knowledge_sections AS s ON s.document_id = d.id
         WHERE d.id = $1::bigint ORDER BY s.position`,
        [documentId],
      ),
  };
}
