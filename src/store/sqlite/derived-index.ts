import { Database } from "bun:sqlite";

import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import type { DerivedIndex, IndexedDocument } from "../derived-index.ts";
import { KNOWLEDGE_INDEX_SCHEMA } from "./knowledge-index-schema.ts";
import { KnowledgeIndex } from "./knowledge-index.ts";

/** About 2 ms of work for sections of 180 words, most of it for their words. */
const STEP_SECTIONS = 20;
const STEP_REMOVED = 100;

/**
 * An index in memory: 0.4 KB for a section of 180 words, so 20 MB for MAX_SECTIONS. The texts are not in it. A
 * temporary file would be left behind by a crash, and needs a folder that may be written.
 */
export function createDerivedIndex(): DerivedIndex {
  const db = new Database(":memory:", { strict: true });
  db.run(KNOWLEDGE_INDEX_SCHEMA);
  // It is as old as the process, so that the word analysis does not change.
  const index = new KnowledgeIndex(db, () => []);
  /** The sections of each document. */
  const sectionIds = new Map<number, readonly number[]>();
  const step = db.transaction((work: () => void) => work());

  async function remove(documentId: number): Promise<void> {
    const ids = sectionIds.get(documentId) ?? [];
    for (let from = 0; from < ids.length; from += STEP_REMOVED) {
      await turnOfItsOwn();
      step(() => {
        for (const id of ids.slice(from, from + STEP_REMOVED)) index.remove(id);
      });
    }
    sectionIds.delete(documentId);
  }

  async function put({ id: documentId, title, sections }: IndexedDocument): Promise<void> {
    await remove(documentId);
    sectionIds.set(
      documentId,
      sections.map(({ id }) => id),
    );
    for (let from = 0; from < sections.length; from += STEP_SECTIONS) {
      await turnOfItsOwn();
      step(() => {
        for (const section of sections.slice(from, from + STEP_SECTIONS)) {
          index.add({ ...section, title });
        }
      });
    }
  }

  return {
    documents: sectionIds,
    put,
    remove,
    search: (texts) => index.search(texts),
    tend: () => index.tend(),
    close: () => db.close(),
  };
}
