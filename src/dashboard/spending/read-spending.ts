import type { Config } from "../../config/config.ts";
import { type BudgetUnit, pricesInForce } from "../../config/spending.ts";
import { inUnit } from "../../spending/budget-state.ts";
import type { Spending } from "../../spending/spending.ts";
import type { Amount, SpendingStore, Spent } from "../../store/spending-store.ts";

/** A day or a month: what was spent in it, and its budget. */
export interface SpendingPeriod {
  readonly name: "Today" | "This month";
  readonly spent: Spent;
  /** In the unit. Undefined: without end. */
  readonly budget: number | undefined;
  /** Whether what is left is less than is set aside for any question. */
  readonly isReached: boolean;
}

/** What the model costs now, for the owner. */
export interface SpendingNow {
  readonly isModelOn: boolean;
  readonly unit: BudgetUnit;
  readonly currency: string;
  /** Whether it is known what the model takes for tokens, and it takes anything. */
  readonly isPriced: boolean;
  readonly periods: readonly SpendingPeriod[];
  /** What is set aside for the shortest question that begins a conversation. */
  readonly leastReservation: Amount;
}

export interface ReadSpendingDeps {
  readonly config: Pick<Config, "model" | "spending">;
  readonly store: Pick<SpendingStore, "spentIn">;
  readonly spending: Pick<Spending, "periods" | "leastReservation">;
}

export async function readSpending(deps: ReadSpendingDeps): Promise<SpendingNow> {
  const { config, store, spending } = deps;
  const { isModelOn, unit, currency, perDay, perMonth } = config.spending;
  const prices = pricesInForce(config);
  const { day, month } = spending.periods();
  const spent = await store.spentIn([day, month]);
  const leastReservation = await spending.leastReservation();
  const least = inUnit(leastReservation, unit);
  const periodOf = (name: SpendingPeriod["name"], period: string, budget: number | undefined) => {
    const its = spent.find((each) => each.period === period) ?? { ...NOTHING, period };
    const isReached = budget !== undefined && inUnit(its, unit) + least > budget;
    return { name, spent: its, budget, isReached };
  };
  return {
    isModelOn,
    unit,
    currency,
    isPriced: prices !== undefined && prices.input + prices.output > 0,
    leastReservation,
    periods: [periodOf("Today", day, perDay), periodOf("This month", month, perMonth)],
  };
}

const NO_AMOUNT: Amount = { inputTokens: 0, outputTokens: 0, cost: 0 };
const NOTHING = { ...NO_AMOUNT, held: NO_AMOUNT };

/** How much of its budget a period has used, from 0 on. Undefined: it has none. */
export function usedShare(unit: BudgetUnit, { spent, budget }: SpendingPeriod): number | undefined {
  return budget === undefined ? undefined : inUnit(spent, unit) / budget;
}
