import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { SECOND_MS } from "../runtime/time.ts";
import { BackgroundSteps } from "./background-steps.ts";
import type { ErasureStore } from "./store.ts";

interface HiddenDeps {
  readonly store: Pick<ErasureStore, "eraseHidden">;
  readonly log: Pick<Logger, "error">;
}

interface DelayedErasureDeps extends HiddenDeps {
  readonly loop: LoopWatch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** When it looks first, and how long after the last look there may be more to do. */
  readonly firstMs?: number;
  readonly intervalMs?: number;
}

/** How long a deleted conversation can be restored: long enough to read the notice, also for those who read slowly. */
export const RESTORABLE_MS = 30 * SECOND_MS;

const FIRST_STEP_MS = 2 * SECOND_MS;
const INTERVAL_MS = 5 * SECOND_MS;

/**
 * Erases the conversations that were deleted and can be restored no more, in the background. They are hidden in the
 * database, so that a killed server shows them to nobody: the next start erases them, or another replica does.
 */
export function eraseWhenDue({
  store,
  loop,
  log,
  now,
  firstMs = FIRST_STEP_MS,
  intervalMs = INTERVAL_MS,
}: DelayedErasureDeps): BackgroundSteps {
  return new BackgroundSteps({
    step: async () => !(await store.eraseHidden(now())),
    onError: (error) => log.error("deleted conversations could not be erased yet", { error }),
    loop,
    firstAfterMs: firstMs,
    againAfterMs: intervalMs,
  });
}

/** Erases also what could still be restored, so that nothing of it is left in a file that no server has open. */
export async function eraseAllHidden({ store, log }: HiddenDeps): Promise<void> {
  try {
    while (await store.eraseHidden(Number.MAX_SAFE_INTEGER));
  } catch (error) {
    log.error("deleted conversations are erased at the next start", { error });
  }
}
