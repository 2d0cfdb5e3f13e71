import { DAY_MS } from "../../runtime/time.ts";

/** The periods that the overview offers, in days. The last day is today. */
export const PERIODS = [7, 30, 90] as const;
export type Period = (typeof PERIODS)[number];
const DEFAULT_PERIOD: Period = 30;

export const FIGURE_IDS = [
  "conversations",
  "messages",
  "tokens",
  "cost",
  "failed",
  "first-token",
  "ratings",
] as const;
export type FigureId = (typeof FIGURE_IDS)[number];

/** What the owner has chosen to see. */
export interface Chosen {
  readonly period: Period;
  readonly figure: FigureId;
}

/** What was chosen in an address. What it leaves out has a default. */
export function chosenOf(query: {
  readonly days?: string | undefined;
  readonly figure?: string | undefined;
}): Chosen {
  return {
    period: PERIODS.find((each) => String(each) === query.days) ?? DEFAULT_PERIOD,
    figure: FIGURE_IDS.find((each) => each === query.figure) ?? "conversations",
  };
}

/** Activity in so many days shows that a server is in use. */
const RECENT_DAYS = 30;

/**
 * The first day whose figures are read, for a period and the days before it, or for whether the server is in use.
 * @param today in the form of DailyFigures.day, as what is returned
 */
export function figuresSince(today: number, period: Period = 7): number {
  return today - (Math.max(2 * period, RECENT_DAYS) - 1) * DAY_MS;
}
