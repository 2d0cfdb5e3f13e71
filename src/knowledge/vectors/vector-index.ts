import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { unpackVector } from "./packed-vector.ts";

/** About 4 ms of work for vectors of 768 numbers. */
const BLOCK = 4000;
const LEAST_ROOM = 256;

/**
 * Vectors in memory, a byte a number. Every search compares with all of them, which takes 45 ms for 50,000 vectors
 * of 768 numbers, in pieces of 4 ms.
 */
export class VectorIndex {
  /** How many numbers a vector has: as many as the first one. */
  #length = 0;
  #numbers = new Int8Array();
  #scales = new Float32Array();
  /** By the place of the vector. */
  readonly #ids: number[] = [];
  readonly #places = new Map<number, number>();
  /** Sections of which the model can make no vector. */
  readonly #without = new Set<number>();

  /** The sections that are in it, with a vector or known to have none. */
  get size(): number {
    return this.#ids.length + this.#without.size;
  }

  /** Puts a vector in place of the one that the section has. One of another length is left out. */
  put(sectionId: number, packed: Uint8Array): void {
    const vector = unpackVector(packed);
    if (vector === undefined) {
      this.#without.add(sectionId);
      return;
    }
    if (this.#ids.length === 0) this.#length = vector.numbers.length;
    if (vector.numbers.length !== this.#length) return;
    const place = this.#places.get(sectionId) ?? this.#ids.length;
    this.#makeRoom(place + 1);
    this.#ids[place] = sectionId;
    this.#places.set(sectionId, place);
    this.#without.delete(sectionId);
    this.#numbers.set(vector.numbers, place * this.#length);
    this.#scales[place] = vector.scale;
  }

  /** The sections whose vectors are the most like the given one, the best first. */
  async search(packed: Uint8Array, limit: number): Promise<number[]> {
    const wanted = unpackVector(packed);
    if (wanted === undefined || wanted.numbers.length !== this.#length) return [];
    // JavaScript multiplies doubles and bytes a quarter faster than bytes with each other.
    const question = Float64Array.from(wanted.numbers);
    const best = new Best(limit);
    for (let from = 0; from < this.#ids.length; from += BLOCK) {
      await turnOfItsOwn();
      this.#searchBlock(question, from, best);
    }
    return best.places().flatMap((place) => this.#ids[place] ?? []);
  }

  #searchBlock(question: Float64Array, from: number, best: Best): void {
    const [numbers, scales, length] = [this.#numbers, this.#scales, this.#length];
    const to = Math.min(from + BLOCK, this.#ids.length);
    for (let place = from; place < to; place++) {
      const start = place * length;
      let product = 0;
      for (let n = 0; n < length; n++) {
        product += (question[n] as number) * (numbers[start + n] as number);
      }
      best.offer(place, product * (scales[place] as number));
    }
  }

  #makeRoom(count: number): void {
    if (count <= this.#scales.length) return;
    const room = Math.max(LEAST_ROOM, count, Math.ceil(this.#scales.length * 1.5));
    const numbers = new Int8Array(room * this.#length);
    numbers.set(this.#numbers);
    const scales = new Float32Array(room);
    scales.set(this.#scales);
    [this.#numbers, this.#scales] = [numbers, scales];
  }
}

/** The best of many, of which few are better than the worst of the best so far. */
class Best {
  readonly #limit: number;
  /** In any order, until it is asked for. */
  #kept: { readonly place: number; readonly score: number }[] = [];
  #least = Number.NEGATIVE_INFINITY;

  constructor(limit: number) {
    this.#limit = limit;
  }

  offer(place: number, score: number): void {
    if (score <= this.#least) return;
    this.#kept.push({ place, score });
    if (this.#kept.length >= this.#limit * 2) this.#cut();
  }

  places(): number[] {
    this.#cut();
    return this.#kept.map(({ place }) => place);
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.score - a.score || a.place - b.place);
    this.#kept = this.#kept.slice(0, this.#limit);
    if (this.#kept.length === this.#limit) this.#least = this.#kept.at(-1)?.score ?? this.#least;
  }
}
