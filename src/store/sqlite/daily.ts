import type { DailyFigures } from "../store.ts";
import type { DailyRow, FirstTokenRow } from "./queries.ts";

/** How the figures of a day are kept; migration 2 counts what was there before in the same way. */

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days since 1970-01-01 (UTC). */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

/** What bounds the rows of a day's histogram, at an error of at most 5 %. */
export function twoSignificantDigits(ms: number): number {
  let unit = 1;
  while (ms >= unit * 100 && unit < 10_000) unit *= 10;
  return Math.round(ms / unit) * unit;
}

/** @param times of these days, ordered by day and time */
export function toDailyFigures(
  days: readonly DailyRow[],
  times: readonly FirstTokenRow[],
): DailyFigures[] {
  const histograms = Map.groupBy(times, ({ day }) => day);
  return days.map(({ day, ...counts }) => ({
    ...counts,
    day: day * DAY_MS,
    medianFirstTokenMs: medianOf(histograms.get(day) ?? []),
  }));
}

function medianOf(histogram: readonly FirstTokenRow[]): number | undefined {
  const answers = histogram.reduce((sum, row) => sum + row.answers, 0);
  let passed = 0;
  for (const row of histogram) {
    passed += row.answers;
    if (passed * 2 >= answers) return row.ms;
  }
  return undefined;
}
