import type { Database } from "bun:sqlite";

import { type DocumentRow, foldedName, isSameText } from "../knowledge-rows.ts";
import {
  MAX_DOCUMENT_SECTIONS,
  MAX_SECTIONS,
  type NewDocument,
  type PutOutcome,
  type SectionChanges,
} from "../knowledge-store.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { KnowledgeEditions } from "./knowledge-editions.ts";

/** How many documents of a removed source a step deletes: about 1 ms. */
const STEP_DOCUMENTS = 50;

type PutParams = [
  sourceId: number,
  uri: string,
  title: string,
  folded: string,
  lang: string | null,
  status: string,
  etag: string | null,
  lastModified: string | null,
  hash: string,
  sections: number,
  words: number,
  at: number,
  original: string | null,
];

interface SectionRow {
  readonly heading: string;
  readonly anchor: string;
  readonly text: string;
}

function prepare(db: Database) {
  return {
    isSource: db.query<{ id: number }, [number]>(
      "SELECT id FROM knowledge_sources WHERE id = ? AND is_removed = 0",
    ),
    byUri: db.query<DocumentRow, [string]>("SELECT * FROM knowledge_documents WHERE uri = ?"),
    byId: db.query<DocumentRow, [number]>("SELECT * FROM knowledge_documents WHERE id = ?"),
    total: db.query<{ sections: number }, []>("SELECT sections FROM knowledge_totals"),
    put: db.query<{ id: number }, PutParams>(
      `INSERT INTO knowledge_documents (source_id, uri, title, folded, lang, status, reason, etag,
         last_modified, hash, sections, words, misses, checked_at, changed_at, original)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7, ?8, ?9, ?10, ?11, 0, ?12, ?12, ?13)
       ON CONFLICT (uri) DO UPDATE SET source_id = ?1, title = ?3, folded = ?4, lang = ?5, status = ?6,
         reason = NULL, etag = ?7, last_modified = ?8, hash = ?9, sections = ?10, words = ?11, misses = 0,
         checked_at = ?12, changed_at = ?12, original = ?13
       RETURNING id`,
    ),
    touch: db.query<null, [number, string | null, string | null, number, number]>(
      `UPDATE knowledge_documents SET source_id = ?, etag = ?, last_modified = ?, checked_at = ?,
         misses = 0, reason = NULL
       WHERE id = ?`,
    ),
    setStatus: db.query<null, [string, number]>(
      "UPDATE knowledge_documents SET status = ? WHERE id = ?",
    ),
    remove: db.query<null, [number]>("DELETE FROM knowledge_documents WHERE id = ?"),
    sections: db.query<SectionRow, [number]>(
      `SELECT heading, anchor, text FROM knowledge_sections
       WHERE edition_id = (SELECT id FROM knowledge_editions WHERE document_id = ?) ORDER BY position`,
    ),
    edition: db.query<{ id: number }, [number]>(
      "SELECT id FROM knowledge_editions WHERE document_id = ?",
    ),
    removeSource: db.query<null, [number]>(
      "UPDATE knowledge_sources SET is_removed = 1 WHERE id = ? AND is_removed = 0",
    ),
    removedSource: db.query<{ id: number }, []>(
      "SELECT id FROM knowledge_sources WHERE is_removed = 1 LIMIT 1",
    ),
    documentsOf: db.query<{ id: number }, [number, number]>(
      "SELECT id FROM knowledge_documents WHERE source_id = ? LIMIT ?",
    ),
    deleteSource: db.query<null, [number]>("DELETE FROM knowledge_sources WHERE id = ?"),
  };
}

interface KnowledgeChanges extends SectionChanges {
  /**
   * Deletes, in one short step, some of what belongs to nobody any more. Call it inside a transaction. Returns false
   * when there is nothing left.
   */
  deleteStep(): boolean;
}

interface ChangeParts {
  readonly db: Database;
  readonly writes: GroupCommit;
  /** Empties the write-ahead log of what was removed. */
  readonly checkpoints: Pick<Checkpoints, "scrub">;
  readonly editions: KnowledgeEditions;
}

/** What changes the sections that are searched, on SQLite. */
export function createKnowledgeChanges({
  db,
  writes,
  checkpoints,
  editions,
}: ChangeParts): KnowledgeChanges {
  const queries = prepare(db);

  function isOff(uri: string): boolean {
    return queries.byUri.get(uri)?.status === "off";
  }

  /** Why a document is not stored. One with the same text is only looked at. */
  function refusal(document: NewDocument): Exclude<PutOutcome, "stored"> | undefined {
    const { sourceId, uri, etag = null, lastModified = null, at, sections } = document;
    if (queries.isSource.get(sourceId) === null) return "gone";
    const known = queries.byUri.get(uri) ?? undefined;
    if (known !== undefined && isSameText(known, document)) {
      queries.touch.run(sourceId, etag, lastModified, at, known.id);
      return "unchanged";
    }
    const total = queries.total.get()?.sections ?? 0;
    return total - (known?.sections ?? 0) + sections.length > MAX_SECTIONS ? "full" : undefined;
  }

  function put(document: NewDocument, status: "ok" | "off", words: number): number {
    const { sourceId, uri, title, lang = null, etag = null, lastModified = null } = document;
    const { hash, sections, at, original = null } = document;
    const name = [sourceId, uri, title, foldedName(uri, title), lang, status] as const;
    const text = [etag, lastModified, hash, sections.length, words, at, original] as const;
    const stored = queries.put.get(...name, ...text);
    if (stored === null) throw new Error("The document could not be stored.");
    return stored.id;
  }

  function remove(id: number): void {
    editions.release(id);
    queries.remove.run(id);
  }

  function deleteStep(): boolean {
    const source = queries.removedSource.get();
    if (source === null) return editions.deleteStep();
    const documents = queries.documentsOf.all(source.id, STEP_DOCUMENTS);
    for (const { id } of documents) remove(id);
    if (documents.length < STEP_DOCUMENTS) queries.deleteSource.run(source.id);
    return true;
  }

  async function deleteLeftOver(): Promise<void> {
    while (await writes.write(deleteStep));
  }

  return {
    deleteStep,

    async putDocument(document) {
      if (document.sections.length > MAX_DOCUMENT_SECTIONS) {
        throw new RangeError(`A document has ${MAX_DOCUMENT_SECTIONS} sections at most.`);
      }
      const { uri } = document;
      for (;;) {
        const early = await writes.write(() => refusal(document));
        if (early !== undefined) return early;
        const isIndexed = !isOff(uri);
        const outcome = await editions.store({ ...document, isIndexed }, (edition, words) => {
          const late = refusal(document);
          if (late !== undefined) return late;
          if (isOff(uri) === isIndexed) return "switched";
          editions.attach(edition, put(document, isIndexed ? "ok" : "off", words));
          return "stored";
        });
        await deleteLeftOver();
        // The owner has switched it off or on meanwhile.
        if (outcome !== "switched") return outcome;
      }
    },

    async removeDocument(id) {
      const isRemoved = await writes.write(() => {
        if (queries.byId.get(id) === null) return false;
        remove(id);
        return true;
      });
      await deleteLeftOver();
      checkpoints.scrub();
      return isRemoved;
    },

    async switchDocument(id, isToBeOff) {
      for (;;) {
        const row = queries.byId.get(id);
        if (row === null) return false;
        if ((row.status === "off") === isToBeOff) return true;
        const before = queries.edition.get(id)?.id;
        // They are stored anew, because they come into the index or leave it in steps.
        const sections = queries.sections.all(id);
        const copy = { title: row.title, sections, isIndexed: !isToBeOff };
        const isDone = await editions.store(copy, (edition) => {
          // Another text came meanwhile, or the document is gone.
          if (queries.byId.get(id) === null || queries.edition.get(id)?.id !== before) return false;
          queries.setStatus.run(isToBeOff ? "off" : sections.length > 0 ? "ok" : "empty", id);
          editions.attach(edition, id);
          return true;
        });
        await deleteLeftOver();
        if (isDone) return true;
      }
    },

    async removeSource(id) {
      const { changes } = await writes.write(() => queries.removeSource.run(id));
      await deleteLeftOver();
      checkpoints.scrub();
      return changes > 0;
    },
  };
}
