import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { BackgroundSteps } from "./background-steps.ts";
import type { MarkStore } from "./store.ts";

interface MarkFillDeps {
  readonly store: MarkStore;
  readonly loop: LoopWatch;
  readonly log: Pick<Logger, "error">;
}

/** Leaves time to serve the visitors who come back after a restart first. */
const FIRST_STEP_MS = 1500;

/**
 * Gives marks to the conversations of before the update that has brought them, in the background. After a stop, the next
 * start continues the work.
 */
export function fillMarks({ store, loop, log }: MarkFillDeps): BackgroundSteps {
  return new BackgroundSteps({
    step: () => store.fillMarks(),
    onError: (error) =>
      log.error("older conversations cannot be filtered yet; it will be tried again", { error }),
    loop,
    firstAfterMs: FIRST_STEP_MS,
  });
}
