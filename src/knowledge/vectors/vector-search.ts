import type { EmbeddingModel } from "../../model/embedding-model.ts";
import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import type { Logger } from "../../runtime/logger.ts";
import { SECOND_MS } from "../../runtime/time.ts";
import type { KnowledgeStore, SearchText } from "../../store/knowledge-store.ts";
import { QuestionVectors } from "./question-vectors.ts";
import { VectorIndex } from "./vector-index.ts";

interface VectorSearchDeps {
  readonly store: Pick<KnowledgeStore, "readVectors" | "countVectors">;
  /** Of the models whose vectors are compared. */
  readonly key: string;
  readonly log: Pick<Logger, "warn">;
  /** How long a question waits for its vector. */
  readonly patienceMs?: number;
}

/** A visitor waits for it, and is answered without it when it takes longer. */
const PATIENCE_MS = 700;
/** After a failure, questions are not kept waiting again for so long. */
const REST_MS = 30 * SECOND_MS;
/** What was stored meanwhile is read no more often than this. */
const READ_INTERVAL_MS = 2 * SECOND_MS;
const PAGE = 500;
/** With fewer of the sections than this share, those without a vector would be at a disadvantage. */
const LEAST_SHARE = 0.9;
/** When more of the vectors than this are of sections that are gone, all are read anew. */
const MOST_GONE = { share: 0.2, sections: 100 };
const MAX_RANKED = 100;

/** Finds sections by the vectors that one model makes. They are in memory once a question has come. */
export class VectorSearch {
  readonly #deps: VectorSearchDeps;
  #index = new VectorIndex();
  #seq = 0;
  /** How many sections are searched. */
  #sections = Number.POSITIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #asked: { readonly model: EmbeddingModel; readonly questions: QuestionVectors } | undefined;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(deps: VectorSearchDeps) {
    this.#deps = deps;
  }

  /**
   * The sections that are the most like the texts, the best first. Undefined while they cannot be told: the vectors
   * are still being made or read, or the model is down or slow. Never throws.
   */
  async rank(
    model: EmbeddingModel,
    texts: readonly SearchText[],
  ): Promise<readonly number[] | undefined> {
    const { log, patienceMs = PATIENCE_MS } = this.#deps;
    const questions = this.#questionsOf(model);
    this.#readLater();
    if (performance.now() < this.#restsUntil) return undefined;
    if (this.#index.size < LEAST_SHARE * this.#sections) return undefined;
    try {
      const vector = await questions.of(texts, AbortSignal.timeout(patienceMs));
      return await this.#index.search(vector, MAX_RANKED);
    } catch (error) {
      this.#restsUntil = performance.now() + REST_MS;
      log.warn("questions are searched by their words alone for a while", { error });
      return undefined;
    }
  }

  /** Resolves when what is stored now is in memory. */
  async read(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#readAt = performance.now();
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The same vectors may come from another server, or with another key. */
  #questionsOf(model: EmbeddingModel): QuestionVectors {
    if (this.#asked?.model !== model) {
      this.#asked = { model, questions: new QuestionVectors(model) };
      this.#restsUntil = Number.NEGATIVE_INFINITY;
    }
    return this.#asked.questions;
  }

  /** A question does not wait for it. */
  #readLater(): void {
    if (performance.now() - this.#readAt < READ_INTERVAL_MS) return;
    this.read().catch((error: unknown) => {
      this.#deps.log.warn("the vectors of sections could not be read; it will be tried again", {
        error,
      });
    });
  }

  async #readAll(): Promise<void> {
    const { store, key } = this.#deps;
    const { vectors, sections } = await store.countVectors(key);
    const gone = this.#index.size - vectors;
    if (gone > MOST_GONE.sections && gone > MOST_GONE.share * this.#index.size) {
      this.#index = new VectorIndex();
      this.#seq = 0;
    }
    for (;;) {
      await turnOfItsOwn();
      const page = await store.readVectors(key, this.#seq, PAGE);
      for (const { seq, sectionId, vector } of page) {
        this.#index.put(sectionId, vector);
        this.#seq = seq;
      }
      if (page.length < PAGE) break;
    }
    this.#sections = sections;
  }
}
