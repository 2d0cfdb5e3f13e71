import { isMonth, NOTHING, spentInOrder } from "../spending-rules.ts";
import type { SpendingStore, Spent } from "../spending-store.ts";
import type { SharedParts } from "./knowledge.ts";
import type { SpendingLedger } from "./spending-ledger.ts";
import { prepareSpending, type SpentRow } from "./spending-queries.ts";

/** What the model costs, on SQLite. */
export function createSpending(
  { db, writes }: Pick<SharedParts, "db" | "writes">,
  ledger: SpendingLedger,
): SpendingStore {
  const { spentIn, spentByDay, held, addPeriod, note } = prepareSpending(db);

  /** With what is set aside, also in periods in which nothing was spent yet. */
  function withHeld(spent: readonly SpentRow[]): Spent[] {
    const rows = new Map(spent.map((row) => [row.period, row]));
    const heldIn = new Map(held.all().map(({ period, ...amount }) => [period, amount]));
    return [...new Set([...rows.keys(), ...heldIn.keys()])].map((period) => ({
      ...(rows.get(period) ?? { period, ...NOTHING }),
      held: heldIn.get(period) ?? NOTHING,
    }));
  }

  return {
    async reserve(reservation) {
      const written = writes.write(() => ledger.hold(reservation));
      return ledger.holding(reservation.id, written, (refused) => refused === undefined);
    },

    async settle(id, settlement) {
      await writes.write(() => ledger.end(id, settlement));
      ledger.hasSettled(id, settlement.amount);
    },

    settleOrphans: (today) =>
      writes.write(() => {
        ledger.forgetParties(today);
        return ledger.endOrphans();
      }),

    spentIn: async (periods) =>
      spentInOrder(periods, withHeld(spentIn.all(JSON.stringify(periods)))),

    async spentByDay(from, to) {
      const days = withHeld(spentByDay.all(from, to));
      return days
        .filter(({ period }) => !isMonth(period) && period >= from && period <= to)
        .toSorted((one, other) => (one.period < other.period ? -1 : 1));
    },

    noteSpending: ({ period, mark, limit, at }) =>
      writes.write(() => {
        addPeriod.run(period);
        return note[mark].run(at, limit, period).changes > 0;
      }),
  };
}
