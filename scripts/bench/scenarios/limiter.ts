import type { Scenario } from "../scenario.ts";

export const limiter: Scenario = { name: "limiter", summary: "", cases: () => [] };
