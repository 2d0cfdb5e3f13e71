import { spentInOrder, toSpent } from "../spending-rules.ts";
import type { SpendingStore } from "../spending-store.ts";
import type { SharedParts } from "./knowledge.ts";
import type { SpendingLedger } from "./spending-ledger.ts";
import { prepareSpending } from "./spending-queries.ts";

/** What the model costs, on SQLite. */
export function createSpending(
  { db, writes }: Pick<SharedParts, "db" | "writes">,
  ledger: SpendingLedger,
): SpendingStore {
  const { spentIn, spentByDay, addPeriod, note, forgetParties } = prepareSpending(db);

  return {
    reserve: (reservation) => writes.write(() => ledger.hold(reservation)),
    settle: (id, settlement) => writes.write(() => ledger.settle(id, settlement)),

    settleOrphans: (today) =>
      writes.write(() => {
        forgetParties.run(today);
        return ledger.settleOrphans();
      }),

    spentIn: async (periods) => spentInOrder(periods, spentIn.all(JSON.stringify(periods))),
    spentByDay: async (from, to) => spentByDay.all(from, to).map(toSpent),

    noteSpending: (period, mark, at) =>
      writes.write(() => {
        addPeriod.run(period);
        return note[mark].run(at, period).changes > 0;
      }),
  };
}
