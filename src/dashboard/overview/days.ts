import { DAY_MS } from "../../runtime/time.ts";
import { dayText } from "../../spending/periods.ts";
import { type SpentTokens, tokensByDay } from "../../spending/tokens-by-day.ts";
import type { Spent } from "../../store/spending-store.ts";
import type { DailyFigures } from "../../store/store.ts";
import { formatDay, formatWeekday } from "../formats.ts";
import type { Period } from "./choice.ts";

export interface Day extends DailyFigures {
  /** What the model has cost, in millionths of the owner's currency. */
  readonly cost: number;
  /** `23 Nov` */
  readonly label: string;
  /** `Mon 23 Nov` */
  readonly longLabel: string;
}

/** What is stored of days, without those that had nothing. */
export interface Counted {
  readonly figures: readonly DailyFigures[];
  readonly spent: readonly (SpentTokens & Pick<Spent, "cost">)[];
}

/** A period and the days before it, of the same number. */
export interface Periods {
  readonly days: readonly Day[];
  readonly before: readonly Day[];
}

const NO_GROUNDINGS = { cited: 0, uncited: 0, none: 0, unsourced: 0 } as const;
const NO_RATINGS = { positive: 0, negative: 0 } as const;

/** Adds the days without activity, which the store leaves out and a chart shows. */
export function toPeriods({ figures, spent }: Counted, period: Period, today: number): Periods {
  const known = new Map(figures.map((each) => [each.day, each]));
  const costs = new Map(spent.map(({ period: day, cost }) => [day, cost]));
  const tokens = tokensByDay(figures, spent);
  const all = Array.from({ length: 2 * period }, (_, index) => {
    const day = today - (2 * period - 1 - index) * DAY_MS;
    const counted = { cost: costs.get(dayText(day / DAY_MS)) ?? 0, tokens: tokens.get(day) ?? 0 };
    return { ...(known.get(day) ?? emptyDay(day)), ...counted, ...labelsOf(day) };
  });
  return { days: all.slice(period), before: all.slice(0, period) };
}

function labelsOf(day: number) {
  return { label: formatDay(day), longLabel: formatWeekday(day) };
}

function emptyDay(day: number): DailyFigures {
  return {
    day,
    conversations: 0,
    messages: 0,
    tokens: 0,
    errors: 0,
    medianFirstTokenMs: undefined,
    firstTokens: [],
    groundings: NO_GROUNDINGS,
    ratings: NO_RATINGS,
  };
}
