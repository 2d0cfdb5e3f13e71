import { type Load, putUnderLoad, warmUp } from "../load.ts";
import type { Case, Metric, Scenario } from "../scenario.ts";
import { binary } from "../targets.ts";

/** What a budget costs: the same questions without and with one, which has room for all of them. */

const LOADS: readonly Load[] = [
  { kind: "json", visitorsAtOnce: 16, questionsEach: 240, tokens: 64, pauseMs: 0 },
  { kind: "stream", visitorsAtOnce: 16, questionsEach: 240, tokens: 64, pauseMs: 0 },
];
const WITHOUT = "no budget";
const WITH = "budget";

/** By day and month, and with the share that a visitor has by default. */
const BUDGETS = {
  BUDGET_UNIT: "tokens",
  BUDGET_PER_DAY: "1000000000000",
  BUDGET_PER_MONTH: "1000000000000",
};

const METRICS: readonly Metric[] = [
  {
    key: "cpuPerAnswer",
    label: "CPU an answer",
    unit: "ms",
    digits: 3,
    bound: { of: "ratio", atMost: 1.05 },
  },
  { key: "answersPerSecond", label: "answers/s", unit: "", digits: 0 },
];

export const budget: Scenario = {
  name: "budget",
  summary: "json and stream, 16 at once, without and with a budget",
  cases: (_bench, { binaryPath }) => LOADS.map((load) => budgetCase(load, binaryPath)),
};

function budgetCase(load: Load, binaryPath: string): Case {
  return {
    name: `budget, ${load.kind}`,
    metrics: METRICS,
    targets: [
      { ...binary(binaryPath), name: WITHOUT },
      { ...binary(binaryPath, BUDGETS), name: WITH },
    ],
    baseline: WITHOUT,
    subject: WITH,
    measure: (target, bench) =>
      bench.withServer(target, async (server) => {
        await warmUp(server, target, load.kind);
        const { answers, wallMs, cpuMs } = await putUnderLoad(server, target, load);
        return { cpuPerAnswer: cpuMs / answers, answersPerSecond: (answers / wallMs) * 1000 };
      }),
  };
}
