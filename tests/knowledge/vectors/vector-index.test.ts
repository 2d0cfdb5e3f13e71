import { describe, expect, test } from "bun:test";

import { randomNumbers } from "../../../harness/random-numbers.ts";
import { fuse } from "../../../src/knowledge/vectors/fuse.ts";
import { packVector, unpackVector } from "../../../src/knowledge/vectors/packed-vector.ts";
import { VectorIndex } from "../../../src/knowledge/vectors/vector-index.ts";

/** The same numbers in every run, from -1 to 1. */
function randomVectors(count: number, length: number): Float32Array[] {
  const random = randomNumbers(1);
  const next = () => 2 * random() - 1;
  return Array.from({ length: count }, () => Float32Array.from({ length }, next));
}

function cosine(a: Float32Array, b: Float32Array): number {
  const product = a.reduce((sum, each, n) => sum + each * (b[n] ?? 0), 0);
  return product / Math.hypot(...a) / Math.hypot(...b);
}

describe("a packed vector", () => {
  test("has a byte for each number, and nearly the same direction", () => {
    for (const vector of randomVectors(20, 384)) {
      const packed = packVector(vector.map((each) => each * 1000));
      expect(packed).toHaveLength(388);
      const unpacked = unpackVector(packed);
      const numbers = Float32Array.from(
        unpacked?.numbers ?? [],
        (each) => each * (unpacked?.scale ?? 0),
      );
      expect(cosine(vector, numbers)).toBeGreaterThan(0.9999);
      expect(Math.hypot(...numbers)).toBeCloseTo(1, 2);
    }
  });

  test("is empty for a vector without a direction", () => {
    for (const vector of [[], [0, 0], [Number.NaN, 1], [Infinity, 1]]) {
      expect(packVector(Float32Array.from(vector))).toHaveLength(0);
    }
    expect(unpackVector(new Uint8Array())).toBeUndefined();
  });
});

describe("an index of vectors", () => {
  test("finds those of the nearest direction, as a search with all bits does", async () => {
    const vectors = randomVectors(5000, 64);
    const index = new VectorIndex();
    for (const [n, vector] of vectors.entries()) index.put(n + 1, packVector(vector));
    let same = 0;
    for (const question of randomVectors(5020, 64).slice(5000)) {
      const exact = vectors
        .map((vector, n) => ({ id: n + 1, score: cosine(vector, question) }))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, 10)
        .map(({ id }) => id);
      const found = await index.search(packVector(question), 10);
      expect(found).toHaveLength(10);
      same += found.filter((id) => exact.includes(id)).length;
    }
    expect(same / 200).toBeGreaterThan(0.95);
  });

  test("has one vector of a section, the last one", async () => {
    const index = new VectorIndex();
    const along = (place: number) =>
      packVector(Float32Array.from({ length: 8 }, (_, n) => (n === place ? 1 : 0)));
    index.put(1, along(0));
    index.put(2, along(1));
    index.put(1, along(2));
    expect(index.size).toBe(2);
    expect(await index.search(along(2), 1)).toEqual([1]);
    expect((await index.search(along(1), 5))[0]).toBe(2);
  });

  test("counts sections that have none, and leaves out vectors of another length", async () => {
    const index = new VectorIndex();
    index.put(1, packVector(Float32Array.of(1, 0)));
    index.put(2, new Uint8Array());
    index.put(3, packVector(Float32Array.of(1, 0, 0)));
    expect(index.size).toBe(2);
    expect(await index.search(packVector(Float32Array.of(1, 1)), 9)).toEqual([1]);
    expect(await index.search(packVector(Float32Array.of(1, 1, 1)), 9)).toEqual([]);
    expect(await new VectorIndex().search(packVector(Float32Array.of(1)), 9)).toEqual([]);
  });
});

test("what both have found comes first, and vectors count more than words", () => {
  const byWords = [3, 1, 4].map((id, n) => ({ id, score: 10 - n }));
  expect(fuse(byWords, [2, 1, 5]).map(({ id }) => id)).toEqual([1, 2, 5, 3, 4]);
  expect(fuse(byWords, []).map(({ id }) => id)).toEqual([3, 1, 4]);
  expect(fuse([], [7])).toMatchObject([{ id: 7 }]);
});
