import { join } from "node:path";

import { runCommand } from "../../../harness/server-process.ts";
import type { ProofCosts } from "../proof-costs.ts";
import type { CrowdResult } from "../proof-crowd.ts";
import type { Bound, Case, Scenario } from "../scenario.ts";
import type { Target } from "../targets.ts";

const COSTS = [process.execPath, join(import.meta.dir, "../proof-costs.ts")];
const CROWD = [process.execPath, join(import.meta.dir, "../proof-crowd.ts")];
const MB = 1024 * 1024;
/** What docs/bounds.md promises of an accepted solution. */
const QUICK: Bound = { of: "value", atMost: 50 };
/** Nothing is kept for a challenge. What the runtime itself takes comes and goes. */
const NOTHING: Bound = { of: "value", atMost: 8 };

export const proof: Scenario = {
  name: "proof",
  summary: "the proof of work alone, and a budget that 10,000 addresses want to spend",
  cases: (_bench, { binary }) => [costsOf(binary), crowdOf(binary)],
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

/** What the crowd does with a challenge. */
const UNSOLVED = "unsolved";
const SOLVED = "solved";
const WITHOUT = "no proof of work";

function crowdOf(binary: Target): Case {
  return {
    name: "proof, 10,000 addresses",
    metrics: [
      { key: "calls", label: "answers to the crowd", unit: "", digits: 0 },
      {
        key: "budgetPercent",
        label: "of the budget",
        unit: "%",
        digits: 0,
        // 80 %, and what is spent before the sums are read again.
        bound: { of: "value", atMost: 88 },
      },
      { key: "paidMs", label: "the crowd pays", unit: "ms an answer", digits: 1 },
      { key: "serverMs", label: "the server pays", unit: "ms a request", digits: 2 },
      {
        key: "people",
        label: "of 20 people answered",
        unit: "",
        digits: 0,
        bound: { of: "value", atLeast: 20 },
      },
    ],
    targets: [WITHOUT, UNSOLVED, SOLVED].map((name) => ({ ...binary, name })),
    baseline: WITHOUT,
    subject: UNSOLVED,
    runs: 1,
    async measure({ name }, bench) {
      const mode = name === WITHOUT ? "without" : "with";
      const command = [...CROWD, mode, name === SOLVED ? "solves" : "ignores"];
      const printed = await runCommand("proof-crowd", command, bench.folder());
      const { budgetShare, ...result }: CrowdResult = JSON.parse(printed);
      return { ...result, budgetPercent: budgetShare * 100 };
    },
  };
}
