import type { Config } from "../../config/config.ts";
import { type BudgetUnit, pricesInForce } from "../../config/spending.ts";
import type { LocalDays } from "../../runtime/local-days.ts";
import { inUnit } from "../../spending/budget-state.ts";
import { periodsAt } from "../../spending/periods.ts";
import type { Amount, SpendingStore, Spent } from "../../store/spending-store.ts";

/** A day or a month: what was spent in it, and its budget. */
export interface SpendingPeriod {
  readonly name: "Today" | "This month";
  readonly spent: Spent;
  /** In the unit. Undefined: without end. */
  readonly budget: number | undefined;
  /** Whether what is left is less than the longest answer costs. */
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
}

export interface ReadSpendingDeps {
  readonly config: Pick<Config, "model" | "spending" | "assistant">;
  readonly store: Pick<SpendingStore, "spentIn">;
  /** The days of the owner's time zone. */
  readonly days: LocalDays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export async function readSpending(deps: ReadSpendingDeps): Promise<SpendingNow> {
  const { config, store, days, now } = deps;
  const { isModelOn, unit, currency, perDay, perMonth } = config.spending;
  const prices = pricesInForce(config);
  const { day, month } = periodsAt(days, now());
  const spent = await store.spentIn([day, month]);
  const answer = longestAnswer(config)[unit];
  const periodOf = (name: SpendingPeriod["name"], period: string, budget: number | undefined) => {
    const its = spent.find((each) => each.period === period) ?? { ...NOTHING, period };
    const isReached = budget !== undefined && inUnit(its, unit) + answer > budget;
    return { name, spent: its, budget, isReached };
  };
  return {
    isModelOn,
    unit,
    currency,
    isPriced: prices !== undefined && prices.input + prices.output > 0,
    periods: [periodOf("Today", day, perDay), periodOf("This month", month, perMonth)],
  };
}

const NO_AMOUNT: Amount = { inputTokens: 0, outputTokens: 0, cost: 0 };
const NOTHING = { ...NO_AMOUNT, held: NO_AMOUNT };

/** What the longest answer costs at least, in each unit: the model reads something, too. */
export function longestAnswer(config: ReadSpendingDeps["config"]): Record<BudgetUnit, number> {
  const { maxOutputTokens: tokens } = config.assistant;
  return { tokens, money: Math.ceil(tokens * (pricesInForce(config)?.output ?? 0)) };
}

/** How much of its budget a period has used, from 0 on. Undefined: it has none. */
export function usedShare(unit: BudgetUnit, { spent, budget }: SpendingPeriod): number | undefined {
  return budget === undefined ? undefined : inUnit(spent, unit) / budget;
}

/** From this share on, the owner is warned. */
export const WARNING_SHARE = 0.8;
