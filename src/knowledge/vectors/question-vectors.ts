import type { EmbeddingModel } from "../../model/embedding-model.ts";
import type { SearchText } from "../../store/knowledge-store.ts";
import { packVector } from "./packed-vector.ts";

/** Suggested questions are asked again and again. */
const MAX_KEPT = 200;
/** Longer ones are cut off: models take a few hundred words. */
const MAX_LENGTH = 2000;

/** Makes vectors of questions, and keeps some. */
export class QuestionVectors {
  readonly #model: EmbeddingModel;
  /** By the text, the one that was used longest ago first. */
  readonly #kept = new Map<string, Float32Array>();

  constructor(model: EmbeddingModel) {
    this.#model = model;
  }

  /** One vector for the texts together, each with its weight. @throws as the model does */
  async of(texts: readonly SearchText[], signal: AbortSignal): Promise<Uint8Array> {
    const wanted = texts.map(({ text }) => text.slice(0, MAX_LENGTH).toWellFormed());
    const missing = wanted.filter((text) => !this.#kept.has(text));
    const made = missing.length === 0 ? [] : await this.#model.embed(missing, signal);
    for (const [n, text] of missing.entries()) this.#keep(text, normalized(made[n]));
    let sum = new Float32Array();
    for (const [n, text] of wanted.entries()) {
      const vector = this.#kept.get(text) ?? new Float32Array();
      if (sum.length === 0) sum = new Float32Array(vector.length);
      const weight = texts[n]?.weight ?? 0;
      for (const [place, each] of vector.entries()) sum[place] = (sum[place] ?? 0) + weight * each;
      this.#keep(text, vector);
    }
    return packVector(sum);
  }

  #keep(text: string, vector: Float32Array): void {
    this.#kept.delete(text);
    this.#kept.set(text, vector);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}

function normalized(vector: Float32Array | undefined): Float32Array {
  if (vector === undefined) return new Float32Array();
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((each) => each / length) : vector;
}
