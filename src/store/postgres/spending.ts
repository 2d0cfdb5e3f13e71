import { spentInOrder } from "../spending-rules.ts";
import type { SpendingStore } from "../spending-store.ts";

/** What the model costs, on PostgreSQL: nothing is counted yet. */
export function createSpending(): SpendingStore {
  return {
    reserve: async () => undefined,
    settle: async () => {},
    settleOrphans: async () => 0,
    spentIn: async (periods) => spentInOrder(periods, []),
    spentByDay: async () => [],
    noteSpending: async () => false,
  };
}
