import type { ModelPrices } from "../config/model-prices.ts";
import type { BudgetUnit } from "../config/spending.ts";
import { HOUR_MS } from "../runtime/time.ts";
import type { Amount, RefusedReservation, Reservation, Spent } from "./spending-store.ts";

/** What both stores do with sums: what a call may cost, whether it fits, and in which order sums are returned. */

/**
 * The owner of what commands set aside beside a server. It is settled once no such call can be under way any more, and not
 * when a server starts.
 */
export const COMMAND = "command";
/** No call of the model takes longer, with all its repetitions. */
export const LONGEST_CALL_MS = HOUR_MS;

export const NOTHING: Amount = { inputTokens: 0, outputTokens: 0, cost: 0 };

/** Whether a period is a month, such as 2026-11, and not a day. */
export function isMonth(period: string): boolean {
  return period.length === "2026-11".length;
}

export function plus(one: Amount, other: Amount): Amount {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cost: one.cost + other.cost,
  };
}

/** What tokens cost, in whole millionths of the currency, rounded up. */
export function costOf(
  { input, output }: ModelPrices,
  { inputTokens, outputTokens }: Omit<Amount, "cost">,
): number {
  return Math.ceil(inputTokens * input + outputTokens * output);
}

/** An amount in the unit of the budget. */
export function amountIn(unit: BudgetUnit, { inputTokens, outputTokens, cost }: Amount): number {
  return unit === "money" ? cost : inputTokens + outputTokens;
}

/** What a reservation sets aside. */
export function reservedAmount(reservation: Reservation, historyTokens: number): Amount {
  const tokens = {
    inputTokens: reservation.inputTokens + historyTokens,
    outputTokens: reservation.outputTokens,
  };
  return { ...tokens, cost: costOf(reservation.prices, tokens) };
}

/** What has been spent of a limit, and what calls under way may spend. All in the unit of the budget. */
export interface LimitState {
  readonly by: RefusedReservation["by"];
  readonly limit: number;
  readonly spent: number;
  readonly held: number;
}

/** Why a call does not fit: a limit that is used up rather than one that only calls under way fill. */
export function refusalOf(
  amount: number,
  limits: readonly LimitState[],
): RefusedReservation | undefined {
  const passed = limits.filter(({ limit, spent, held }) => spent + held + amount > limit);
  const lasting = passed.find(({ limit, spent }) => spent + amount > limit);
  const first = lasting ?? passed[0];
  return first && { by: first.by, isForNow: lasting === undefined };
}

/** The sums of the periods, in their order. One that was not found has zeros. */
export function spentInOrder(periods: readonly string[], found: readonly Spent[]): Spent[] {
  const sums = new Map(found.map((each) => [each.period, each]));
  return periods.map((period) => sums.get(period) ?? { period, ...NOTHING, held: NOTHING });
}
