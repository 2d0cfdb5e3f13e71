import type { Parts } from "../app.ts";
import { eraseWhenDue } from "../store/delayed-erasure.ts";
import { fillMarks } from "../store/mark-fill.ts";
import { Retention } from "../store/retention.ts";
import { SearchRebuild } from "../store/search-rebuild.ts";
import { tendSpending } from "../store/spending-upkeep.ts";

type WorkParts = Pick<Parts, "store" | "settings" | "spending" | "loop" | "log">;

/** Work that goes on until it is stopped. */
interface BackgroundWork {
  /** Resolves when the step under way has ended. */
  stop(): Promise<void>;
}

/** Ends, before the server listens, what the process before it has left in the middle. */
export async function endWhatWasCutOff({ store, spending, log }: WorkParts): Promise<void> {
  const interruptedTurns = await store.interruptUnfinishedTurns();
  if (interruptedTurns > 0) log.warn("found answers cut off by a crash", { interruptedTurns });
  await store.settleOrphans(spending.periods().day);
}

/** Starts what keeps the database in order. */
export function startUpkeep(parts: WorkParts): readonly BackgroundWork[] {
  const { store, spending, loop, log } = parts;
  const { config } = parts.settings;
  const now = Date.now;
  const days = () => config.database.retentionDays;
  const retention = new Retention({ store, days, loop, log, now });
  config.onChange(() => retention.settingsChanged());
  return [
    retention,
    new SearchRebuild({ store, loop, log }),
    fillMarks({ store, loop, log }),
    eraseWhenDue({ store, loop, log, now }),
    tendSpending({ store, today: () => spending.periods().day, loop, log }),
  ];
}
