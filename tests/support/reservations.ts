import type { SpentByAnswer } from "../../src/conversation/records.ts";
import type { Amount, Reservation } from "../../src/store/spending-store.ts";
import { NOON } from "./stored-turns.ts";

/** Reservations and settlements as the spending service makes them, with defaults for what a test does not set. */

export const DAY = "2026-11-23";
export const MONTH = "2026-11";

/** Costs 100 in money, and 100 tokens. */
export function reservation(parts: Partial<Reservation> = {}): Reservation {
  return {
    id: `x_${crypto.randomUUID()}`,
    owner: "",
    day: DAY,
    month: MONTH,
    inputTokens: 60,
    outputTokens: 40,
    prices: { input: 1, output: 1 },
    unit: "money",
    perDay: undefined,
    perMonth: undefined,
    parties: [],
    at: NOON,
    ...parts,
  };
}

export function amount(inputTokens: number, outputTokens: number, cost: number): Amount {
  return { inputTokens, outputTokens, cost };
}

/** What an answer has cost for which something was set aside. */
export function spent(
  [inputTokens, outputTokens, cost]: readonly [number, number, number | undefined],
  parts: Partial<SpentByAnswer> = {},
): SpentByAnswer {
  return { inputTokens, outputTokens, cost, day: DAY, month: MONTH, isReserved: true, ...parts };
}

export const ZERO = amount(0, 0, 0);
