import { expect, test } from "bun:test";
import { join } from "node:path";

import { createChallenges } from "../../src/proof/challenge.ts";
import { isSolution, parseProof } from "../../src/proof/solution.ts";

interface Solver {
  solve(challenge: { token: string; parts: number; bits: number }): string;
}

test("the program of docs/api.md solves a challenge", async () => {
  const paper = await Bun.file(join(import.meta.dir, "../../docs/api.md")).text();
  const [, program = ""] = /^```js\n([^]+?)^```$/m.exec(paper) ?? [];
  expect(program.trim().split("\n").length).toBeLessThanOrEqual(20);
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const { solve }: Solver = await import(url);
  const asker = { sessionId: "visitor-1", network: "192.0.2.10" };
  const challenges = createChallenges({ secret: "secret", now: Date.now });
  const challenge = challenges.issue(asker);
  const proof = parseProof(solve(challenge));
  expect(proof?.token).toBe(challenge.token);
  expect(proof && isSolution(proof, challenge)).toBe(true);
});
