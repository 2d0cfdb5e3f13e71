import type { Database } from "bun:sqlite";

import { type DocumentRow, foldedName, toDocument } from "../knowledge-rows.ts";
import type { DocumentStore, StoredSection } from "../knowledge-store.ts";
import type { GroupCommit } from "./group-commit.ts";

const SECTIONS = `SELECT s.id, d.id AS documentId, s.position, s.heading, s.anchor, s.text, d.uri, d.title
  FROM knowledge_sections AS s
  JOIN knowledge_editions AS e ON e.id = s.edition_id
  JOIN knowledge_documents AS d ON d.id = e.document_id
  JOIN knowledge_sources AS source ON source.id = d.source_id AND source.is_removed = 0`;

const FITTING = `FROM knowledge_documents AS d
  JOIN knowledge_sources AS source ON source.id = d.source_id AND source.is_removed = 0
  WHERE (?1 IS NULL OR d.source_id = ?1) AND (?2 IS NULL OR d.status = ?2)
    AND (?3 IS NULL OR instr(d.folded, ?3) > 0)`;

type FilterParams = [sourceId: number | null, status: string | null, search: string | null];

function prepare(db: Database) {
  return {
    byUri: db.query<DocumentRow, [string]>(
      `SELECT d.* FROM knowledge_documents AS d
       JOIN knowledge_sources AS source ON source.id = d.source_id AND source.is_removed = 0
       WHERE d.uri = ?`,
    ),
    page: db.query<DocumentRow, [...FilterParams, afterId: number, limit: number]>(
      `SELECT d.* ${FITTING} AND d.id > ?4 ORDER BY d.id LIMIT ?5`,
    ),
    total: db.query<{ total: number }, FilterParams>(`SELECT count(*) AS total ${FITTING}`),
    original: db.query<{ original: string | null }, [number]>(
      "SELECT original FROM knowledge_documents WHERE id = ?",
    ),
    touch: db.query<null, [string | null, string | null, number, string]>(
      `UPDATE knowledge_documents SET etag = ?, last_modified = ?, checked_at = ?, misses = 0,
         reason = CASE WHEN sections > 0 THEN NULL ELSE reason END
       WHERE uri = ?`,
    ),
    // A document that the owner does not want, or that has a text, keeps its status.
    note: db.query<null, [number, string, string, string, string, number, number]>(
      `INSERT INTO knowledge_documents (source_id, uri, title, folded, status, reason, sections, words,
         misses, checked_at, changed_at)
       SELECT id, ?2, '', ?3, ?4, ?5, 0, 0, ?6, ?7, ?7
       FROM knowledge_sources WHERE id = ?1 AND is_removed = 0
       ON CONFLICT (uri) DO UPDATE SET source_id = ?1, reason = ?5, checked_at = ?7,
         status = CASE WHEN sections > 0 OR status = 'off' THEN status ELSE ?4 END,
         misses = CASE WHEN ?6 = 0 THEN 0 ELSE misses + 1 END`,
    ),
    // By the place of each id, which is the order that was asked for.
    sections: db.query<StoredSection, [string]>(
      `SELECT found.* FROM json_each(?) AS wanted JOIN (${SECTIONS} WHERE d.status = 'ok') AS found
       ON found.id = wanted.value ORDER BY wanted.key`,
    ),
    sectionsOf: db.query<StoredSection, [number]>(`${SECTIONS} WHERE d.id = ? ORDER BY s.position`),
  };
}

/** The documents and their sections, on SQLite: all but what changes the sections. */
export function createKnowledgeDocuments(db: Database, writes: GroupCommit): DocumentStore {
  const queries = prepare(db);
  return {
    async listDocuments({ sourceId = null, status = null, search, limit, afterId = 0 }) {
      const fitting: FilterParams = [sourceId, status, search?.toLowerCase() ?? null];
      return {
        documents: queries.page.all(...fitting, afterId, limit).map(toDocument),
        total: queries.total.get(...fitting)?.total ?? 0,
      };
    },

    async findDocument(uri) {
      const row = queries.byUri.get(uri);
      return row === null ? undefined : toDocument(row);
    },

    findOriginal: async (documentId) => queries.original.get(documentId)?.original ?? undefined,

    async touchDocument(uri, { etag = null, lastModified = null, at }) {
      await writes.write(() => queries.touch.run(etag, lastModified, at, uri));
    },

    async noteDocument({ sourceId, uri, status, reason, isMissing, at }) {
      const misses = isMissing ? 1 : 0;
      const folded = foldedName(uri, "");
      await writes.write(() => queries.note.run(sourceId, uri, folded, status, reason, misses, at));
    },

    readSections: async (ids) => queries.sections.all(JSON.stringify(ids)),
    sectionsOf: async (documentId) => queries.sectionsOf.all(documentId),
  };
}
