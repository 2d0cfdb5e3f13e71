import { type EmbeddingModel, RefusedTextsError } from "../../model/embedding-model.ts";
import type { Logger } from "../../runtime/logger.ts";
import { randomText } from "../../runtime/random-text.ts";
import { MINUTE_MS } from "../../runtime/time.ts";
import type { KnowledgeStore } from "../../store/knowledge-store.ts";
import type { SectionToEmbed, SectionVector } from "../../store/vector-store.ts";
import { packVector } from "./packed-vector.ts";

interface VectorMakerDeps {
  readonly store: Pick<KnowledgeStore, "findVectorless" | "putVectors" | "claimVectors">;
  readonly log: Pick<Logger, "info">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How many sections one request has: about 8,000 tokens. */
const BATCH = 32;
const REQUEST_TIMEOUT_MS = MINUTE_MS;
/** Longer than a step may take. */
const CLAIM_MS = 3 * MINUTE_MS;
/** How often all sections are looked at, and not only the new ones: some may be searched again. */
const WHOLE_LOOK_MS = 10 * MINUTE_MS;
const OWNER_BYTES = 9;
const NO_VECTOR = new Uint8Array();

/** Makes the vectors that sections lack, a request a step. Of several replicas, one makes them. */
export class VectorMaker {
  readonly #deps: VectorMakerDeps;
  readonly #owner = randomText(OWNER_BYTES);
  #key = "";
  /** The last section that was looked at. */
  #after = 0;
  #beganAt = Number.NEGATIVE_INFINITY;
  #made = 0;

  constructor(deps: VectorMakerDeps) {
    this.#deps = deps;
  }

  /**
   * Takes one step, and resolves with whether there is nothing more to do for now.
   * @throws ModelError when the model makes no vectors, or an error of the store
   */
  async step(model: EmbeddingModel): Promise<boolean> {
    const { store, log, now } = this.#deps;
    const claim = { owner: this.#owner, now: now(), until: now() + CLAIM_MS };
    if (!(await store.claimVectors(claim))) return true;
    this.#beginWhere(model);
    const { sections, through } = await store.findVectorless(model.key, this.#after, BATCH);
    if (sections.length > 0) {
      await store.putVectors(model.key, await vectorsOf(model, sections));
      this.#made += sections.length;
    }
    // New sections have higher ids than all before them.
    this.#after = through ?? sections.at(-1)?.id ?? this.#after;
    if (through !== undefined) return false;
    if (this.#made > 0) log.info("made vectors", { sections: this.#made, model: model.key });
    this.#made = 0;
    return true;
  }

  /** Another model begins at the first section, and so does every look after a while. */
  #beginWhere({ key }: EmbeddingModel): void {
    const at = this.#deps.now();
    if (key === this.#key && at - this.#beganAt < WHOLE_LOOK_MS) return;
    if (key === this.#key && this.#made > 0) return;
    this.#key = key;
    this.#after = 0;
    this.#beganAt = at;
  }
}

async function vectorsOf(
  model: EmbeddingModel,
  sections: readonly SectionToEmbed[],
): Promise<SectionVector[]> {
  try {
    return await embed(model, sections);
  } catch (error) {
    if (!(error instanceof RefusedTextsError)) throw error;
    return embedEach(model, sections, error);
  }
}

/**
 * One of the texts may be too long for the model. When others are taken, the refused ones are left without a vector.
 * @throws the refusal when all are refused: then it is not about the texts
 */
async function embedEach(
  model: EmbeddingModel,
  sections: readonly SectionToEmbed[],
  refusal: RefusedTextsError,
): Promise<SectionVector[]> {
  const vectors: SectionVector[] = [];
  for (const section of sections) {
    try {
      vectors.push(...(await embed(model, [section])));
    } catch (error) {
      if (!(error instanceof RefusedTextsError)) throw error;
      vectors.push({ sectionId: section.id, vector: NO_VECTOR });
    }
  }
  if (vectors.every(({ vector }) => vector.length === 0)) throw refusal;
  return vectors;
}

async function embed(
  model: EmbeddingModel,
  sections: readonly SectionToEmbed[],
): Promise<SectionVector[]> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const vectors = await model.embed(sections.map(textOf), signal);
  return sections.map(({ id }, n) => ({
    sectionId: id,
    vector: packVector(vectors[n] ?? new Float32Array()),
  }));
}

function textOf({ title, heading, text }: SectionToEmbed): string {
  const head = [title, heading].filter((each) => each !== "").join(" › ");
  return head === "" ? text : `${head}\n${text}`;
}
