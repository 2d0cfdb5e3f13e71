import type { LocalDays } from "../runtime/local-days.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { Periods } from "../store/spending-store.ts";

const MONTH_LENGTH = "2026-11".length;

/** The periods of a day, as LocalDays numbers it. */
export function periodsOf(number: number): Periods {
  const day = dayText(number);
  return { day, month: monthOf(day) };
}

/** The month of a day, in the forms of Periods. */
export function monthOf(day: string): string {
  return day.slice(0, MONTH_LENGTH);
}

/** A day as LocalDays numbers it, in the form of Periods.day. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, "2026-11-26".length);
}

/** When the day and the month of a time end, in milliseconds since the epoch. */
export function endsOf(
  days: LocalDays,
  at: number,
): { readonly day: number; readonly month: number } {
  const day = days.dayOf(at);
  const date = new Date(day * DAY_MS);
  const nextMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
  return { day: days.startOf(day + 1), month: days.startOf(nextMonth) };
}
