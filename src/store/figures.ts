import type { Grounding, Outcome, RatingValue } from "../conversation/records.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { DailyFigures, FirstTokens } from "./store.ts";

/**
 * The figures of a day: counts, and a histogram of the times to the first token. SQLite's migration 2 counts
 * older messages in the same way.
 */

export interface DayCounts {
  /** A day number. */
  readonly day: number;
  readonly conversations: number;
  readonly messages: number;
  readonly tokens: number;
  readonly errors: number;
}

/** How many answers of a day had this time to their first token. */
export interface FirstTokenCount extends FirstTokens {
  readonly day: number;
}

/** How many answers of a day stand on their sources, or do not. */
export interface GroundingCount {
  readonly day: number;
  readonly grounding: Grounding;
  readonly answers: number;
}

/** How many answers to a day's questions have this rating. */
export interface RatingCount {
  readonly day: number;
  readonly rating: RatingValue;
  readonly answers: number;
}

/** The day that a time is counted to, as LocalDays numbers days. */
export type DayOf = (time: number) => number;

/** Days since 1970-01-01 (UTC). */
export const utcDayOf: DayOf = (time) => Math.floor(time / DAY_MS);

/** When the question of an answer was asked, as far as its end says it. */
export function askedAt({ at, durationMs = 0 }: Outcome): number {
  return at - durationMs;
}

/** Rounds to two significant digits, which bounds the rows of a day's histogram, with an error of at most 5 %. */
export function twoSignificantDigits(ms: number): number {
  let unit = 1;
  while (ms >= unit * 100 && unit < 10_000) unit *= 10;
  return Math.round(ms / unit) * unit;
}

/** What an answer adds to the figures of the day of its question. */
export function countsOf({ status, usage, firstTokenMs }: Outcome) {
  return {
    tokens: usage?.totalTokens ?? 0,
    errors: status === "failed" || status === "interrupted" ? 1 : 0,
    firstTokenMs: firstTokenMs === undefined ? undefined : twoSignificantDigits(firstTokenMs),
  };
}

/**
 * @param times the counts for the same days, ordered by day and time
 * @param groundings the counts for the same days
 * @param ratings the counts for the same days
 */
export function toDailyFigures(
  days: readonly DayCounts[],
  times: readonly FirstTokenCount[],
  groundings: readonly GroundingCount[],
  ratings: readonly RatingCount[],
): DailyFigures[] {
  const histograms = Map.groupBy(times, ({ day }) => day);
  const counts = Map.groupBy(groundings, ({ day }) => day);
  const rated = Map.groupBy(ratings, ({ day }) => day);
  return days.map(({ day, conversations, messages, tokens, errors }) => ({
    day: day * DAY_MS,
    conversations,
    messages,
    tokens,
    errors,
    medianFirstTokenMs: medianFirstToken(histograms.get(day) ?? []),
    firstTokens: (histograms.get(day) ?? []).map(({ ms, answers }) => ({ ms, answers })),
    groundings: sumOf(counts.get(day) ?? []),
    ratings: sumOfRatings(rated.get(day) ?? []),
  }));
}

/** Where the time zone was changed between a rating and its change, a day has more taken from it than was added. */
function sumOfRatings(counts: readonly RatingCount[]): Record<RatingValue, number> {
  const sum = { positive: 0, negative: 0 };
  for (const { rating, answers } of counts) sum[rating] += Math.max(0, answers);
  return sum;
}

function sumOf(counts: readonly GroundingCount[]): Record<Grounding, number> {
  const sum = { cited: 0, uncited: 0, none: 0, unsourced: 0 };
  for (const { grounding, answers } of counts) sum[grounding] += answers;
  return sum;
}

/** The median of the times of several days. Undefined when there is none. */
export function medianFirstToken(counts: readonly FirstTokens[]): number | undefined {
  const answers = counts.reduce((sum, row) => sum + row.answers, 0);
  let passed = 0;
  for (const row of counts.toSorted((one, other) => one.ms - other.ms)) {
    passed += row.answers;
    if (passed * 2 >= answers) return row.ms;
  }
  return undefined;
}
