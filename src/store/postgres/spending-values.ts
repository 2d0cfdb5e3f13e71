import type { SpentByAnswer } from "../../conversation/records.ts";
import { COMMAND } from "../spending-rules.ts";
import type { RefusedReservation, Reservation } from "../spending-store.ts";

/** What the functions of the ledger (spending-functions.ts) take, as JSON, and what they return of a call that does not fit. */

export interface RefusalRow {
  readonly refused_by: RefusedReservation["by"] | null;
  readonly is_for_now: boolean | null;
}

/** Undefined: the call fits. */
export function toRefused(row: RefusalRow): RefusedReservation | undefined {
  if (row.refused_by === null) return undefined;
  return { by: row.refused_by, isForNow: row.is_for_now === true };
}

export function reservationText(reservation: Reservation | undefined): string | undefined {
  if (reservation === undefined) return undefined;
  const { owner, day, month, inputTokens, outputTokens, prices, unit, parties, at } = reservation;
  const limits = new Map(parties.map(({ key, limit }) => [key, limit]));
  return JSON.stringify({
    owner: owner === "" ? COMMAND : owner,
    day,
    month,
    input: inputTokens,
    output: outputTokens,
    price_input: prices.input,
    price_output: prices.output,
    unit,
    per_day: reservation.perDay,
    per_month: reservation.perMonth,
    parties: [...limits],
    at,
  });
}

export function spentText(spent: SpentByAnswer | undefined): string | undefined {
  if (spent === undefined) return undefined;
  const { day, month, inputTokens, outputTokens, cost, isReserved } = spent;
  return JSON.stringify({
    day,
    month,
    input: inputTokens,
    output: outputTokens,
    cost,
    is_reserved: isReserved,
  });
}

/** Of a call that was never made. */
export const SPENT_NOTHING = JSON.stringify({ input: 0, output: 0, is_reserved: true });
