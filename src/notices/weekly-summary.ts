import { listUnanswered, type UnansweredTopic } from "../knowledge/unanswered.ts";
import { DAYS_A_WEEK, type LocalDays } from "../runtime/local-days.ts";
import { DAY_MS } from "../runtime/time.ts";
import { dayText } from "../spending/periods.ts";
import type { RequestPage, RequestStore } from "../store/request-store.ts";
import type { SpendingStore } from "../store/spending-store.ts";
import type { FigureStore } from "../store/store.ts";
import type { UnansweredStore } from "../store/unanswered-store.ts";
import { type WeekFigures, weekFiguresOf } from "./week-figures.ts";
import { mondayOf } from "./weekly-schedule.ts";

export type SummaryStore = Pick<FigureStore, "dailyFigures"> &
  Pick<SpendingStore, "spentByDay"> &
  Pick<RequestStore, "listRequests"> &
  Pick<UnansweredStore, "listUnanswered" | "listSettled">;

/** What a summary says of a week and of the one before. */
export interface WeeklySummary {
  /** Its Monday and its Sunday: the midnights, in UTC, of the dates. */
  readonly first: number;
  readonly last: number;
  readonly week: WeekFigures;
  readonly before: WeekFigures;
  /** Visitors who still wait for a person, the newest first. */
  readonly waiting: Pick<RequestPage, "requests" | "total">;
  /** What was asked in that week without a good answer, the most frequent first. */
  readonly unanswered: readonly UnansweredTopic[];
}

const MAX_REQUESTS = 5;
const MAX_QUESTIONS = 5;

/**
 * Reads the summary of the week that has ended when it was due.
 * @param dueAt milliseconds since the epoch
 */
export async function readWeeklySummary(
  store: SummaryStore,
  days: LocalDays,
  dueAt: number,
): Promise<WeeklySummary> {
  const monday = mondayOf(days.dayOf(dueAt));
  const ofDays = async (from: number) => {
    const to = from + DAYS_A_WEEK - 1;
    return weekFiguresOf(
      await store.dailyFigures(from * DAY_MS, to * DAY_MS),
      await store.spentByDay(dayText(from), dayText(to)),
    );
  };
  const beginsAt = days.startOf(monday - DAYS_A_WEEK);
  const topics = (await listUnanswered(store)).filter(({ lastAt }) => lastAt >= beginsAt);
  return {
    first: (monday - DAYS_A_WEEK) * DAY_MS,
    last: (monday - 1) * DAY_MS,
    week: await ofDays(monday - DAYS_A_WEEK),
    before: await ofDays(monday - 2 * DAYS_A_WEEK),
    waiting: await store.listRequests({ isOpen: true, limit: MAX_REQUESTS }),
    unanswered: topics.toSorted((one, other) => other.count - one.count).slice(0, MAX_QUESTIONS),
  };
}
