import type { EmbeddingModel } from "../../model/embedding-model.ts";
import type { RedactionInForce } from "../../redaction/redaction.ts";
import type { LoopWatch } from "../../runtime/event-loop-watch.ts";
import { loadOnce } from "../../runtime/load-once.ts";
import type { Logger } from "../../runtime/logger.ts";
import { SECOND_MS } from "../../runtime/time.ts";
import { BackgroundSteps } from "../../store/background-steps.ts";
import type { KnowledgeStore, RankedSection, SearchText } from "../../store/knowledge-store.ts";
import type { VectorMaker } from "./vector-maker.ts";
import type { VectorSearch } from "./vector-search.ts";

interface KnowledgeVectorsDeps {
  readonly store: KnowledgeStore;
  /** The model in force. Undefined: none is set, and everything is as if this were not here. */
  readonly model: () => EmbeddingModel | undefined;
  /** What the model does not get of a question. Missing: it gets everything. */
  readonly redaction?: RedactionInForce;
  readonly loop: LoopWatch;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly now: () => number;
  readonly firstStepMs?: number;
}

const FIRST_STEP_MS = 5 * SECOND_MS;
/** So long new sections wait for their vectors. */
const LOOK_INTERVAL_MS = 15 * SECOND_MS;
/** Most of a step is waiting for the model, so that visitors need no longer pauses. */
const PAUSE_SHARE = 0.1;

/**
 * The owner's choice of a model for embeddings: makes vectors of the sections in the background, and finds sections
 * by them as well as by words. What it needs is loaded when a model is set.
 */
export class KnowledgeVectors {
  readonly #deps: KnowledgeVectorsDeps;
  #steps: BackgroundSteps | undefined;
  #maker: VectorMaker | undefined;
  #search: { readonly key: string; readonly load: () => Promise<VectorSearch> } | undefined;

  constructor(deps: KnowledgeVectorsDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { loop, log, firstStepMs = FIRST_STEP_MS } = this.#deps;
    this.#steps = new BackgroundSteps({
      step: () => this.#step(),
      onError: (error) =>
        log.warn("vectors of sections are not made; it will be tried again", { error }),
      loop,
      firstAfterMs: firstStepMs,
      againAfterMs: LOOK_INTERVAL_MS,
      pauseShare: PAUSE_SHARE,
    });
  }

  /** Resolves when the step under way has ended. */
  async stop(): Promise<void> {
    await this.#steps?.stop();
  }

  /** Finds sections by words, as the given search does, and by vectors where a model is set. */
  fused(
    searchByWords: KnowledgeStore["searchKnowledge"],
  ): (texts: readonly SearchText[]) => Promise<readonly RankedSection[]> {
    return async (texts) => {
      const model = this.#deps.model();
      if (model === undefined) return searchByWords(texts);
      const [byWords, byVectors] = await Promise.all([
        searchByWords(texts),
        this.#rank(model, texts),
      ]);
      if (byVectors === undefined) return byWords;
      const { fuse } = await import("./fuse.ts");
      return fuse(byWords, byVectors);
    };
  }

  async #rank(model: EmbeddingModel, texts: readonly SearchText[]) {
    const search = await this.#searchOf(model);
    const redaction = await this.#deps.redaction?.();
    if (redaction === undefined) return search.rank(model, texts);
    return search.rank(
      model,
      texts.map((each) => ({ ...each, text: redaction.forModel(each.text) })),
    );
  }

  #searchOf({ key }: EmbeddingModel): Promise<VectorSearch> {
    if (this.#search?.key !== key) {
      const { store, log } = this.#deps;
      const load = loadOnce(async () => {
        const { VectorSearch } = await import("./vector-search.ts");
        return new VectorSearch({ store, key, log });
      });
      this.#search = { key, load };
    }
    return this.#search.load();
  }

  async #step(): Promise<boolean> {
    const { store, log, now, model } = this.#deps;
    const current = model();
    if (current === undefined || (await store.knowledgeSize()).sections === 0) return true;
    if (this.#maker === undefined) {
      const { VectorMaker } = await import("./vector-maker.ts");
      this.#maker = new VectorMaker({ store, log, now });
    }
    return this.#maker.step(current);
  }
}
