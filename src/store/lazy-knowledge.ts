import { loadOnce } from "../runtime/load-once.ts";
import type { KnowledgeStore } from "./knowledge-store.ts";

interface LazyKnowledgeParts {
  /** Loads what the database holds, and the code for it. */
  readonly load: () => Promise<Omit<KnowledgeStore, "knowledgeSize">>;
  /** Every question asks for it. */
  readonly knowledgeSize: KnowledgeStore["knowledgeSize"];
  /** Whether there is a source. A removed one counts until its documents are deleted. */
  readonly hasSource: () => Promise<boolean>;
  /** Whether tending may find something to do. */
  readonly hasWork: () => Promise<boolean>;
}

/**
 * A store whose code is loaded by the first call that needs it, so that a bot that knows nothing does not pay for it.
 * What is asked for in the background does not load it as long as nothing is known.
 */
export function createLazyKnowledge({
  load,
  knowledgeSize,
  hasSource,
  hasWork,
}: LazyKnowledgeParts): KnowledgeStore {
  const knowledge = loadOnce(load);

  return {
    knowledgeSize,
    listSources: async () => ((await hasSource()) ? (await knowledge()).listSources() : []),
    claimSource: async (claim) =>
      (await hasSource()) ? (await knowledge()).claimSource(claim) : undefined,
    tendKnowledge: async () =>
      (await hasWork()) ? (await knowledge()).tendKnowledge() : { isDone: true },
    findSource: async (...all) => (await knowledge()).findSource(...all),
    addSource: async (...all) => (await knowledge()).addSource(...all),
    changeSource: async (...all) => (await knowledge()).changeSource(...all),
    removeSource: async (...all) => (await knowledge()).removeSource(...all),
    keepSource: async (...all) => (await knowledge()).keepSource(...all),
    endSource: async (...all) => (await knowledge()).endSource(...all),
    listDocuments: async (...all) => (await knowledge()).listDocuments(...all),
    findDocument: async (...all) => (await knowledge()).findDocument(...all),
    findOriginal: async (...all) => (await knowledge()).findOriginal(...all),
    putDocument: async (...all) => (await knowledge()).putDocument(...all),
    touchDocument: async (...all) => (await knowledge()).touchDocument(...all),
    noteDocument: async (...all) => (await knowledge()).noteDocument(...all),
    switchDocument: async (...all) => (await knowledge()).switchDocument(...all),
    removeDocument: async (...all) => (await knowledge()).removeDocument(...all),
    knowledgeBuiltShare: async (...all) => (await knowledge()).knowledgeBuiltShare(...all),
    readSections: async (...all) => (await knowledge()).readSections(...all),
    sectionsOf: async (...all) => (await knowledge()).sectionsOf(...all),
    searchKnowledge: async (...all) => (await knowledge()).searchKnowledge(...all),
    findVectorless: async (...all) => (await knowledge()).findVectorless(...all),
    putVectors: async (...all) => (await knowledge()).putVectors(...all),
    readVectors: async (...all) => (await knowledge()).readVectors(...all),
    countVectors: async (...all) => (await knowledge()).countVectors(...all),
    claimVectors: async (...all) => (await knowledge()).claimVectors(...all),
  };
}
