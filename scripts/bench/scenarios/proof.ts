import { join } from "node:path";

import { runCommand } from "../../../harness/server-process.ts";
import type { ProofCosts } from "../proof-costs.ts";
import type { Bound, Case, Scenario } from "../scenario.ts";
import type { Target } from "../targets.ts";

const COSTS = [process.execPath, join(import.meta.dir, "../proof-costs.ts")];
const MB = 1024 * 1024;
/** What docs/bounds.md promises of an accepted solution. */
const QUICK: Bound = { of: "value", atMost: 50 };
/** Nothing is kept for a challenge. What the runtime itself takes comes and goes. */
const NOTHING: Bound = { of: "value", atMost: 8 };

export const proof: Scenario = {
  name: "proof",
  summary: "the proof of work alone, with 1,000,000 challenges",
  cases: (_bench, { binary }) => [costsOf(binary)],
};

function costsOf(binary: Target): Case {
  return {
    name: "proof",
    metrics: [
      { key: "challengeUs", label: "a challenge", unit: "µs", digits: 1, bound: QUICK },
      { key: "acceptedUs", label: "accepted", unit: "µs", digits: 1, bound: QUICK },
      { key: "forgedUs", label: "forged", unit: "µs", digits: 1, bound: QUICK },
      { key: "solvedMs", label: "solved", unit: "ms", digits: 1 },
      { key: "grownMb", label: "memory", unit: "MB", digits: 1, bound: NOTHING },
    ],
    // No server runs. What the binary contains is called directly.
    targets: [binary],
    async measure(_target, bench) {
      const printed = await runCommand("proof-costs", COSTS, bench.folder());
      const { grownBytes, ...costs }: ProofCosts = JSON.parse(printed);
      return { ...costs, grownMb: grownBytes / MB };
    },
  };
}
