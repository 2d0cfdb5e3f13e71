import type { SpendingSettings } from "../config/spending.ts";
import { amountIn } from "../store/spending-rules.ts";
import type { Periods, Spent } from "../store/spending-store.ts";

/** What is used of one budget, in its unit. */
export interface BudgetState {
  readonly spent: number;
  /** What is set aside for calls under way. */
  readonly held: number;
  readonly limit: number;
}

/** What is used of the budgets of now. Both are missing where the owner has set none. */
export interface SpendingState {
  readonly day?: BudgetState;
  readonly month?: BudgetState;
  /** How much of the fullest one is spent or set aside, from 0 to 1. */
  readonly share: number;
}

export const NO_BUDGET: SpendingState = { share: 0 };

export function stateOf(
  { unit, perDay, perMonth }: SpendingSettings,
  { day, month }: Periods,
  sums: readonly Spent[],
): SpendingState {
  const used = (period: string, limit: number | undefined): BudgetState | undefined => {
    const sum = sums.find((each) => each.period === period);
    if (limit === undefined || sum === undefined) return undefined;
    return { spent: amountIn(unit, sum), held: amountIn(unit, sum.held), limit };
  };
  const ofDay = used(day, perDay);
  const ofMonth = used(month, perMonth);
  return {
    ...(ofDay && { day: ofDay }),
    ...(ofMonth && { month: ofMonth }),
    share: Math.max(usedShare(ofDay), usedShare(ofMonth)),
  };
}

/** How much of a budget is spent or set aside, from 0 to 1. */
export function usedShare(budget: BudgetState | undefined): number {
  return budget === undefined ? 0 : Math.min(1, (budget.spent + budget.held) / budget.limit);
}
