import { statSync } from "node:fs";

import { allTargets, type Scenario } from "../scenario.ts";

/** After the first answer, a runtime still collects start-up garbage and starts threads. */
const IDLE_MS = 500;
const MB = 1024 * 1024;
/** More than elsewhere: a start is short, so other work on the machine affects it more. */
const RUNS = 11;

export const startup: Scenario = {
  name: "startup",
  summary: "time from the start of the process to its first 200, and its idle memory",
  cases: (_bench, targets) => [
    {
      name: "startup",
      metrics: [
        {
          key: "startMs",
          label: "first 200",
          unit: "ms",
          digits: 1,
          // 45 ms where a bare server takes 11. A ratio holds on any machine.
          bound: { of: "ratio", atMost: 4.1 },
        },
        {
          key: "idleMb",
          label: "idle memory",
          unit: "MB",
          digits: 1,
          bound: { of: "value", atMost: 64 },
        },
        { key: "sizeMb", label: "binary", unit: "MB", digits: 1 },
      ],
      targets: allTargets(targets),
      runs: RUNS,
      measure: (target, bench) =>
        bench.withServer(target, async (server) => {
          await Bun.sleep(IDLE_MS);
          const sample = { startMs: server.startMs, idleMb: server.memoryBytes() / MB };
          if (target !== targets.binary) return sample;
          return { ...sample, sizeMb: statSync(targets.binaryPath).size / MB };
        }),
    },
  ],
};
