import type { Scenario } from "../scenario.ts";

export const startup: Scenario = { name: "startup", summary: "", cases: () => [] };
