import { expect, test } from "bun:test";

import { isSolution, parseProof } from "../../../src/proof/solution.ts";
import { readChallenge } from "../../../src/widget/proof/challenge.ts";
import { solveInSlices } from "../../../src/widget/proof/slices.ts";
import { createSolver, FIRST_NUMBER, STEP } from "../../../src/widget/proof/solver.ts";

/** The widget's own SHA-256, beside the one of the server. */

const { seedOf, search } = createSolver();
const SEED = seedOf("v1.token", 0);

/** The hash as the server computes it: its first 32 bits. */
function firstBits(text: string): number {
  return Number.parseInt(Bun.SHA256.hash(text, "hex").slice(0, 8), 16);
}

test("hashes texts of every length like the server, over the end of a block too", () => {
  for (let length = 0; length <= 200; length++) {
    const token = "v1.ABCxyz_-".repeat(20).slice(0, length);
    const expected = Bun.SHA256.hash(`${token}.7`, "base64url");
    expect([length, seedOf(token, 7)]).toEqual([length, expected]);
  }
});

test("finds the first number of a step whose hash begins with so many zero bits, and nothing where there is none", () => {
  for (const bits of [1, 4, 8, 12, 14]) {
    for (const at of [0, 1, 25, 899_999]) {
      const first = FIRST_NUMBER + at * STEP;
      const numbers = Array.from({ length: STEP }, (_, index) => first + index);
      const expected = numbers.find((number) => Math.clz32(firstBits(`${SEED}${number}`)) >= bits);
      expect([bits, at, search(SEED, bits, first)]).toEqual([bits, at, expected]);
    }
  }
});

test("solves what the server takes, in slices that let others run, and stops when it is no longer wanted", async () => {
  const asked = { token: "v1.MTc2NDE.jV3", parts: 16, bits: 9 };
  Object.assign(globalThis, { document: { hidden: false } });
  try {
    const numbers = await solveInSlices(asked, new AbortController().signal);
    const proof = parseProof(`${asked.token}~${numbers?.join("-")}`);
    expect(proof && isSolution(proof, asked)).toBe(true);
    const endless = { token: asked.token, parts: 64, bits: 32 };
    const ending = new AbortController();
    const ended = solveInSlices(endless, ending.signal);
    setTimeout(() => ending.abort());
    expect(await ended).toBeUndefined();
  } finally {
    Reflect.deleteProperty(globalThis, "document");
  }
});

test("takes a challenge as the server sends it, and none that cannot be solved or sent", () => {
  const right = { token: "v1.AZ_-.9", algorithm: "SHA-256", parts: 16, bits: 12, expiresAt: 1 };
  expect(readChallenge(right)).toEqual({ token: "v1.AZ_-.9", parts: 16, bits: 12 });
  const wrong = [
    undefined,
    null,
    "challenge",
    { ...right, token: "v1\r\nx-api-key: 1" },
    { ...right, token: "" },
    { ...right, token: 5 },
    { ...right, token: "v".repeat(401) },
    { ...right, algorithm: "argon2" },
    { ...right, parts: 0 },
    { ...right, parts: 65 },
    { ...right, parts: "16" },
    { ...right, parts: 1.5 },
    { ...right, bits: -3 },
    { ...right, bits: 20 },
    { ...right, bits: Number.POSITIVE_INFINITY },
  ];
  for (const each of wrong) expect(readChallenge(each)).toBeUndefined();
});
