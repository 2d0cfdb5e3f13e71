import type { Scenario } from "../scenario.ts";

export const admin: Scenario = { name: "admin", summary: "", cases: () => [] };
