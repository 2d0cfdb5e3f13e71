import type { Database } from "bun:sqlite";

import type { KnowledgeStore } from "../knowledge-store.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { releaseFreePages } from "./free-pages.ts";
import type { GroupCommit } from "./group-commit.ts";
import { createKnowledgeChanges } from "./knowledge-changes.ts";
import { createKnowledgeDocuments } from "./knowledge-documents.ts";
import { KnowledgeEditions } from "./knowledge-editions.ts";
import { createKnowledgeSources } from "./knowledge-sources.ts";
import { createVectors } from "./vectors.ts";

/** What all parts of the store on one file share. */
export interface SharedParts {
  readonly db: Database;
  readonly writes: GroupCommit;
  readonly checkpoints: Checkpoints;
}

/** What the bot knows, on SQLite, but for its size. */
export function openKnowledge({
  db,
  writes,
  checkpoints,
}: SharedParts): Omit<KnowledgeStore, "knowledgeSize"> {
  const editions = new KnowledgeEditions(db, writes);
  const { deleteStep, ...changes } = createKnowledgeChanges({ db, writes, checkpoints, editions });
  const { index } = editions;
  /** Whether text was deleted that may still be in the write-ahead log. */
  let isToBeScrubbed = false;

  /** Takes one step. Returns whether it was the last one. */
  function tend(): boolean {
    // The index may not be made anew while sections come into it that have no document yet.
    if (editions.isStoring || deleteStep() || !index.tend().isDone) {
      isToBeScrubbed = true;
      return false;
    }
    return releaseFreePages(db);
  }

  return {
    ...createKnowledgeSources(db, writes),
    ...createKnowledgeDocuments(db, writes),
    ...createVectors(db, writes),
    ...changes,
    searchKnowledge: (texts) => index.search(texts),
    knowledgeBuiltShare: async () => index.builtShare,
    async tendKnowledge() {
      const isDone = await writes.write(tend);
      if (isDone && isToBeScrubbed) {
        isToBeScrubbed = false;
        checkpoints.scrub();
      }
      return { isDone };
    },
  };
}
