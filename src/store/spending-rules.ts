import type { ModelPrices } from "../config/model-prices.ts";
import { HOUR_MS } from "../runtime/time.ts";
import type { Amount, RefusedReservation, Reservation, Spent } from "./spending-store.ts";

/** What both stores do with sums: what a call may cost, whether it fits, and what a row becomes. */

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

/** What tokens cost, in whole millionths of the currency, rounded up. */
export function costOf(
  { input, output }: ModelPrices,
  { inputTokens, outputTokens }: Omit<Amount, "cost">,
): number {
  return Math.ceil(inputTokens * input + outputTokens * output);
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

/** A period's row. Sums are whole numbers. */
export interface SpendingRow {
  readonly period: string;
  readonly party: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: number;
  readonly held_input: number;
  readonly held_output: number;
  readonly held_cost: number;
}

export function toSpent(row: SpendingRow): Spent {
  return {
    period: row.period,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cost: row.cost,
    held: {
      inputTokens: row.held_input,
      outputTokens: row.held_output,
      cost: row.held_cost,
    },
  };
}

/** The sums of the periods, in their order. One without a row has zeros. */
export function spentInOrder(periods: readonly string[], found: readonly SpendingRow[]): Spent[] {
  const rows = new Map(found.map((row) => [row.period, row]));
  return periods.map((period) => {
    const row = rows.get(period);
    return row === undefined ? { period, ...NOTHING, held: NOTHING } : toSpent(row);
  });
}
