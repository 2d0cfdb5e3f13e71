import { formatMoney } from "../../config/money.ts";
import { medianFirstToken } from "../../store/figures.ts";
import { formatCompact, formatDuration, formatNumber, formatShare } from "../formats.ts";
import type { FigureId } from "./choice.ts";
import type { Day } from "./days.ts";

/** What is counted of each day. */
export interface Figure {
  readonly id: FigureId;
  readonly name: string;
  /** The value of a day. Undefined when there is none, such as a share of nothing. */
  readonly ofDay: (day: Day) => number | undefined;
  /** The value of a period. Undefined when there is none. */
  readonly ofPeriod: (days: readonly Day[]) => number | undefined;
  /** Exactly, beside a day. */
  readonly format: (value: number) => string;
  /** Short, in large type and on the scale. */
  readonly formatShort: (value: number) => string;
  /** The highest value that there can be. */
  readonly limit?: number;
  /** Whether less of it is better. */
  readonly isBad?: true;
}

/**
 * The figures in the order in which they are shown.
 * @param currency of what the model costs; undefined: it costs nothing, and that is not shown
 */
export function figuresIn(currency: string | undefined): readonly [Figure, ...Figure[]] {
  return [...COUNTS, ...(currency === undefined ? [] : [costIn(currency)]), ...QUALITIES];
}

const COUNTS: readonly [Figure, ...Figure[]] = [
  count("conversations", "New conversations", (day) => day.conversations),
  count("messages", "Messages", (day) => day.messages),
  count("tokens", "Tokens", (day) => day.tokens),
];

function costIn(currency: string): Figure {
  const format = (cost: number) => formatMoney(cost, currency);
  return { ...count("cost", "Cost", (day) => day.cost), format, formatShort: format, isBad: true };
}

const QUALITIES: readonly Figure[] = [
  {
    id: "failed",
    name: "Failed answers",
    ofDay: (day) => failedShare([day]),
    ofPeriod: failedShare,
    format: formatShare,
    formatShort: formatShare,
    limit: 1,
    isBad: true,
  },
  {
    id: "first-token",
    name: "Time to first word",
    ofDay: (day) => day.medianFirstTokenMs,
    ofPeriod: (days) => medianFirstToken(days.flatMap(({ firstTokens }) => firstTokens)),
    format: formatDuration,
    formatShort: formatDuration,
    isBad: true,
  },
  {
    id: "ratings",
    name: "Good ratings",
    ofDay: (day) => goodShare([day]),
    ofPeriod: goodShare,
    format: formatShare,
    formatShort: formatShare,
    limit: 1,
  },
];

function count(id: FigureId, name: string, ofDay: (day: Day) => number): Figure {
  const ofPeriod = (days: readonly Day[]) => sumOf(days, ofDay);
  return { id, name, ofDay, ofPeriod, format: formatNumber, formatShort: formatCompact };
}

/** The share of answers that failed or were interrupted. Half of the messages are answers. */
function failedShare(days: readonly Day[]): number | undefined {
  const answers = Math.ceil(sumOf(days, ({ messages }) => messages) / 2);
  const failed = sumOf(days, ({ errors }) => errors);
  return answers === 0 ? undefined : Math.min(1, failed / answers);
}

/** The share of good ones among the ratings of answers. */
function goodShare(days: readonly Day[]): number | undefined {
  const good = sumOf(days, ({ ratings }) => ratings.positive);
  const all = good + sumOf(days, ({ ratings }) => ratings.negative);
  return all === 0 ? undefined : good / all;
}

function sumOf(days: readonly Day[], value: (day: Day) => number): number {
  return days.reduce((sum, day) => sum + value(day), 0);
}
