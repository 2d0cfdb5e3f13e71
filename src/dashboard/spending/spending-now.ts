import type { Config } from "../../config/config.ts";
import { type BudgetUnit, pricesInForce } from "../../config/spending.ts";
import type { Spending } from "../../spending/spending.ts";
import { amountIn, NOTHING } from "../../store/spending-rules.ts";
import type { Amount, SpendingStore, Spent } from "../../store/spending-store.ts";

/** A day or a month: what was spent in it, and its budget. */
export interface SpendingPeriod {
  readonly name: "Today" | "This month";
  readonly spent: Omit<Spent, "period">;
  /** In the unit. Undefined: without end. */
  readonly budget: number | undefined;
  /** How much of the budget is spent, from 0 on. */
  readonly share: number | undefined;
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

const NOTHING_SPENT = { ...NOTHING, held: NOTHING };

export async function readSpendingNow(deps: ReadSpendingDeps): Promise<SpendingNow> {
  const { config, store, spending } = deps;
  const { isModelOn, unit, currency, perDay, perMonth } = config.spending;
  const prices = pricesInForce(config);
  const { day, month } = spending.periods();
  const spent = await store.spentIn([day, month]);
  const leastReservation = await spending.leastReservation();
  const least = amountIn(unit, leastReservation);
  const periodOf = (name: SpendingPeriod["name"], period: string, budget: number | undefined) => {
    const its = spent.find((each) => each.period === period) ?? NOTHING_SPENT;
    const sum = amountIn(unit, its);
    const share = budget === undefined ? undefined : sum / budget;
    return { name, spent: its, budget, share, isReached: sum + least > (budget ?? Infinity) };
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
