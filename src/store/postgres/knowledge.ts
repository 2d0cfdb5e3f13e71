import type { KnowledgeStore } from "../knowledge-store.ts";
import { createKnowledgeChanges } from "./knowledge-changes.ts";
import { createKnowledgeDocuments } from "./knowledge-documents.ts";
import { createKnowledgeSources } from "./knowledge-sources.ts";
import type { OwnIndex } from "./own-index.ts";
import type { Pool } from "./pool.ts";
import type { Vacuum } from "./vacuum.ts";
import { createVectors } from "./vectors.ts";

interface KnowledgeParts {
  /** For what a question waits for. */
  readonly turns: Pool;
  readonly slow: Pool;
  readonly vacuum: Pick<Vacuum, "request">;
  readonly index: OwnIndex;
  /** Called with each version of what the bot knows that this process has made. */
  readonly onChange: (version: number) => void;
}

/** What the bot knows, on PostgreSQL, but for its size. */
export function openKnowledge(parts: KnowledgeParts): Omit<KnowledgeStore, "knowledgeSize"> {
  const { turns, slow, vacuum, index, onChange } = parts;
  const { deleteStep, ...changes } = createKnowledgeChanges({ pool: slow, vacuum, onChange });
  return {
    ...createKnowledgeSources(slow),
    ...createKnowledgeDocuments({ turns, slow }),
    ...createVectors(slow),
    ...changes,
    searchKnowledge: (texts) => index.search(texts),
    knowledgeBuiltShare: () => index.builtShare(),
    async tendKnowledge() {
      // Those that a replica has left that died in the middle of it.
      if (await deleteStep()) return { isDone: false };
      return index.tend();
    },
  };
}
