import { statSync } from "node:fs";

import { allTargets, type Scenario } from "../scenario.ts";

/** After the first answer a runtime still has start-up garbage to collect and threads to begin. */
const IDLE_MS = 500;
const MB = 1024 * 1024;
/** Each is short, and what else the machine does shows more in a start than in a load. */
const RUNS = 11;

export const startup: Scenario = {
  name: "startup",
  summary: "from the start of the process to its first 200, and what it is when idle",
  cases: (_bench, targets) => [
    {
      name: "startup",
      metrics: [
        {
          key: "startMs",
          label: "first 200",
          unit: "ms",
          digits: 1,
          // 45 ms where a bare server takes 11: the ratio says it for any machine.
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
