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
  /** Sections that the database does not have any more, until they are out of the index. */
  let gone: readonly number[] = [];
  const index = new KnowledgeIndex(
    db,
    // Nothing is read to be indexed anew: the index is as old as the process, so the word analysis stays the same.
    () => [],
    () => gone,
  );
  const documents = new Map<number, readonly number[]>();
  const step = db.transaction((work: () => void) => work());

  async function removeGone(): Promise<void> {
    for (let from = 0; from < gone.length; from += STEP_REMOVED) {
      await turnOfItsOwn();
      step(() => {
        for (const id of gone.slice(from, from + STEP_REMOVED)) index.remove(id);
      });
    }
    gone = [];
  }

  async function remove(documentId: number): Promise<void> {
    gone = documents.get(documentId) ?? [];
    await removeGone();
    documents.delete(documentId);
  }

  async function put({ id: documentId, title, sections }: IndexedDocument): Promise<void> {
    const wanted = new Set(sections.map(({ id }) => id));
    let here = documents.get(documentId) ?? [];
    const before = new Set(here);
    gone = here.filter((id) => !wanted.has(id));
    const added = sections.filter(({ id }) => !before.has(id));
    for (let from = 0; from < added.length; from += STEP_SECTIONS) {
      const some = added.slice(from, from + STEP_SECTIONS);
      await turnOfItsOwn();
      step(() => {
        for (const section of some) index.add({ ...section, title });
        index.mergeAdded();
      });
      here = [...here, ...some.map(({ id }) => id)];
      documents.set(documentId, here);
    }
    await removeGone();
    documents.set(documentId, [...wanted]);
  }

  return {
    documents,
    put,
    remove,
    search: (texts) => index.search(texts),
    tend: () => index.tend(),
    close: () => db.close(),
  };
}
