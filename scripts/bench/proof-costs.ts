import { startProcessorMeter } from "../../harness/processor-meter.ts";
import { solveProof } from "../../harness/proof-solver.ts";
import { type Asker, type Challenge, createChallenges } from "../../src/proof/challenge.ts";
import { isSolution, parseProof } from "../../src/proof/solution.ts";

/**
 * Measures the proof of work alone, without a server. It runs in its own process, so that only its memory is measured.
 * Prints a ProofCosts as JSON.
 */
export interface ProofCosts {
  /** Microseconds of a processor to issue a challenge, to accept its solution, and to refuse a forged one. */
  readonly challengeUs: number;
  readonly acceptedUs: number;
  readonly forgedUs: number;
  /** Milliseconds to solve a challenge in this runtime, on average. A browser is slower. */
  readonly solvedMs: number;
  /** By how much the process grew while a million challenges were issued. */
  readonly grownBytes: number;
}

const CHALLENGES = 1_000_000;
const SOLUTIONS = 100;
const ROUNDS = 200;

const challenges = createChallenges({ secret: "a secret of the bench", now: Date.now });

function askerOf(number: number): Asker {
  const network = `10.${number >> 16}.${(number >> 8) & 0xff}.${number & 0xff}`;
  return { sessionId: `visitor-${number}`, network };
}

/** Issues challenges to as many addresses. Returns the microseconds for each. */
function issue(count: number): number {
  const spentMs = startProcessorMeter();
  for (let number = 0; number < count; number++) challenges.issue(askerOf(number));
  return (spentMs() * 1000) / count;
}

/** The check of a proof, as src/proof/require-proof.ts does it before it counts. */
function isGood(sent: string, asker: Asker): boolean {
  const proof = parseProof(sent);
  const issued = proof && challenges.read(proof.token, asker);
  return proof !== undefined && issued !== undefined && isSolution(proof, issued);
}

/** Checks proofs again and again. Returns the microseconds for each. */
function check(proofs: readonly string[], expected: boolean): number {
  const spentMs = startProcessorMeter();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [number, proof] of proofs.entries()) {
      if (isGood(proof, askerOf(number)) !== expected)
        throw new Error(`A proof is not ${expected}.`);
    }
  }
  return (spentMs() * 1000) / (ROUNDS * proofs.length);
}

function solve(issued: readonly Challenge[]): { proofs: string[]; ms: number } {
  const spentMs = startProcessorMeter();
  const proofs = issued.map(solveProof);
  return { proofs, ms: spentMs() / issued.length };
}

function memoryBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}

const solved = solve(Array.from({ length: SOLUTIONS }, (_, n) => challenges.issue(askerOf(n))));
check(solved.proofs, true);
const acceptedUs = check(solved.proofs, true);
const forged = solved.proofs.map((proof) =>
  proof.replace(/.~/, (end) => (end === "A~" ? "B~" : "A~")),
);
check(forged, false);
const forgedUs = check(forged, false);
// The runtime's own memory grows with the first ones.
issue(CHALLENGES);
const before = memoryBytes();
const challengeUs = issue(CHALLENGES);
const grownBytes = Math.max(0, memoryBytes() - before);
const costs: ProofCosts = { challengeUs, acceptedUs, forgedUs, solvedMs: solved.ms, grownBytes };
console.log(JSON.stringify(costs));
