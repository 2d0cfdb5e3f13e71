import { join } from "node:path";

import { runCommand } from "../../../harness/server-process.ts";
import type { FloodResult } from "../limiter-flood.ts";
import type { Bound, Scenario } from "../scenario.ts";

const FLOOD = [process.execPath, join(import.meta.dir, "../limiter-flood.ts")];
const MB = 1024 * 1024;
const FAST: Bound = { of: "value", atMost: 2 };

export const limiter: Scenario = {
  name: "limiter",
  summary: "the rate limiter alone, with 1,000,000 addresses",
  cases: (_bench, { binary }) => [
    {
      name: "limiter",
      metrics: [
        { key: "newUs", label: "a new address", unit: "µs", digits: 2, bound: FAST },
        { key: "knownUs", label: "a known one", unit: "µs", digits: 2, bound: FAST },
        { key: "ipv6Us", label: "one of IPv6", unit: "µs", digits: 2, bound: FAST },
        {
          key: "grownMb",
          label: "memory",
          unit: "MB",
          digits: 1,
          bound: { of: "value", atMost: 32 },
        },
      ],
      // No server runs. The limiter that the binary contains is called directly.
      targets: [binary],
      async measure(_target, bench) {
        const printed = await runCommand("limiter-flood", FLOOD, bench.folder());
        const { newUs, knownUs, ipv6Us, grownBytes }: FloodResult = JSON.parse(printed);
        return { newUs, knownUs, ipv6Us, grownMb: grownBytes / MB };
      },
    },
  ],
};
