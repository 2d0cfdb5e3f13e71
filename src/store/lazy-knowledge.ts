import { loadOnce } from "../runtime/load-once.ts";
import type { KnowledgeStore } from "./knowledge-store.ts";

/** A store whose code is loaded by the first call, so that a bot that knows nothing does not pay for it. */
export function createLazyKnowledge(load: () => Promise<KnowledgeStore>): KnowledgeStore {
  const knowledge = loadOnce(load);
  return {
    listSources: async (...all) => (await knowledge()).listSources(...all),
    findSource: async (...all) => (await knowledge()).findSource(...all),
    addSource: async (...all) => (await knowledge()).addSource(...all),
    changeSource: async (...all) => (await knowledge()).changeSource(...all),
    removeSource: async (...all) => (await knowledge()).removeSource(...all),
    claimSource: async (...all) => (await knowledge()).claimSource(...all),
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
    knowledgeSize: async (...all) => (await knowledge()).knowledgeSize(...all),
    knowledgeBuiltShare: async (...all) => (await knowledge()).knowledgeBuiltShare(...all),
    readSections: async (...all) => (await knowledge()).readSections(...all),
    sectionsOf: async (...all) => (await knowledge()).sectionsOf(...all),
    searchKnowledge: async (...all) => (await knowledge()).searchKnowledge(...all),
    tendKnowledge: async (...all) => (await knowledge()).tendKnowledge(...all),
    findVectorless: async (...all) => (await knowledge()).findVectorless(...all),
    putVectors: async (...all) => (await knowledge()).putVectors(...all),
    readVectors: async (...all) => (await knowledge()).readVectors(...all),
    countVectors: async (...all) => (await knowledge()).countVectors(...all),
    claimVectors: async (...all) => (await knowledge()).claimVectors(...all),
  };
}
