import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import { DAYS_A_WEEK, type LocalDays, weekdayOf } from "../runtime/local-days.ts";
import type { Logger } from "../runtime/logger.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../runtime/time.ts";
import { BackgroundSteps } from "../store/background-steps.ts";
import type { NoticeStore } from "../store/notice-store.ts";

interface DueSummaryDeps {
  readonly store: Pick<NoticeStore, "addNotice">;
  readonly days: LocalDays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface WeeklyScheduleDeps extends DueSummaryDeps {
  readonly loop: LoopWatch;
  readonly log: Pick<Logger, "error">;
}

const HOUR = 8;
/** A summary that is later than this is left out: nobody waits for the one of a week in which it was not wanted. */
const MAX_LATE_MS = DAY_MS;
const LOOK_INTERVAL_MS = 5 * MINUTE_MS;

/**
 * Puts the weekly summary into the outbox on Mondays at 08:00. It has an id of its week, so that there is one, however many
 * replicas do so and however often they are restarted.
 */
export function addSummariesWhenDue({ loop, log, ...deps }: WeeklyScheduleDeps): BackgroundSteps {
  return new BackgroundSteps({
    async step() {
      await addDueSummary(deps);
      return true;
    },
    onError: (error) => log.error("the weekly summary could not be noted yet", { error }),
    loop,
    firstAfterMs: 0,
    againAfterMs: LOOK_INTERVAL_MS,
  });
}

/** Adds the summary that is due, if nobody has. */
export async function addDueSummary({ store, days, now }: DueSummaryDeps): Promise<void> {
  const at = now();
  const today = mondayOf(days.dayOf(at));
  const monday = at < timeOf(today, days) ? today - DAYS_A_WEEK : today;
  const dueAt = timeOf(monday, days);
  if (at - dueAt > MAX_LATE_MS) return;
  const date = new Date(monday * DAY_MS).toISOString().slice(0, 10);
  const eventId = `msg_weekly_${date}`;
  await store.addNotice({ channel: "mail", kind: "summary.weekly", eventId, at: dueAt });
}

/** The Monday of a day's week. */
export function mondayOf(day: number): number {
  return day - weekdayOf(day);
}

/** When the clocks show 08:00 on a day, also where they were set that night. */
function timeOf(day: number, days: LocalDays): number {
  const at = days.startOf(day) + HOUR * HOUR_MS;
  return at + day * DAY_MS + HOUR * HOUR_MS - days.clockAt(at);
}
