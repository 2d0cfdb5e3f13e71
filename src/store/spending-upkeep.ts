import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import { BackgroundSteps } from "./background-steps.ts";
import type { SpendingStore } from "./spending-store.ts";

interface SpendingUpkeepDeps {
  readonly store: Pick<SpendingStore, "settleOrphans">;
  /** The day of now, in the form of Periods.day. */
  readonly today: () => string;
  readonly loop: LoopWatch;
  readonly log: Pick<Logger, "error">;
  /** How long after a look there may be more to do. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 5 * MINUTE_MS;

/**
 * Settles, in the background, what processes have set aside that are gone, and forgets who has used what on days that are
 * over. The answers that a dead replica has left settle theirs when they are interrupted, which is sooner.
 */
export function tendSpending({
  store,
  today,
  loop,
  log,
  intervalMs = INTERVAL_MS,
}: SpendingUpkeepDeps): BackgroundSteps {
  return new BackgroundSteps({
    async step() {
      await store.settleOrphans(today());
      return true;
    },
    onError: (error) => log.error("what is set aside could not be settled yet", { error }),
    loop,
    firstAfterMs: intervalMs,
    againAfterMs: intervalMs,
  });
}
