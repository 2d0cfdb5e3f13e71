import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { Grounder } from "../turns/grounder.ts";
import { type GrounderDeps, KnowledgeGrounder } from "./grounder.ts";

interface CreateGrounderDeps extends Omit<GrounderDeps, "store" | "load"> {
  readonly store: Pick<KnowledgeStore, "knowledgeSize" | "searchKnowledge" | "readSections">;
}

/** The grounder of a server. What it needs where something is known is loaded with the first such question. */
export function createGrounder(deps: CreateGrounderDeps): Grounder {
  return new KnowledgeGrounder({
    ...deps,
    async load() {
      const { createGroundQuestion } = await import("./ground-question.ts");
      const { Retrieval } = await import("./retrieval.ts");
      const retrieval = new Retrieval(deps);
      return createGroundQuestion((history, words) => retrieval.findPassages(history, words));
    },
  });
}
