import { type SpentTokens, tokensByDay } from "../spending/tokens-by-day.ts";
import { medianFirstToken } from "../store/figures.ts";
import type { DailyFigures } from "../store/store.ts";

/** What is counted of a week. A share of nothing is undefined. */
export interface WeekFigures {
  readonly conversations: number;
  readonly messages: number;
  readonly tokens: number;
  /** From 0 to 1, of the answers. */
  readonly failedShare: number | undefined;
  readonly medianFirstTokenMs: number | undefined;
  readonly ratings: number;
  /** From 0 to 1, of the ratings. */
  readonly positiveShare: number | undefined;
}

/** Sums the days up, as the overview does. */
export function weekFiguresOf(
  days: readonly DailyFigures[],
  spent: readonly SpentTokens[],
): WeekFigures {
  const sum = (value: (day: DailyFigures) => number) =>
    days.reduce((total, day) => total + value(day), 0);
  const messages = sum((day) => day.messages);
  const positive = sum((day) => day.ratings.positive);
  const ratings = positive + sum((day) => day.ratings.negative);
  // Half of the messages are answers.
  const failed = shareOf(
    sum((day) => day.errors),
    Math.ceil(messages / 2),
  );
  return {
    conversations: sum((day) => day.conversations),
    messages,
    tokens: tokensByDay(days, spent)
      .values()
      .reduce((total, tokens) => total + tokens, 0),
    failedShare: failed === undefined ? undefined : Math.min(1, failed),
    medianFirstTokenMs: medianFirstToken(days.flatMap(({ firstTokens }) => firstTokens)),
    ratings,
    positiveShare: shareOf(positive, ratings),
  };
}

function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
