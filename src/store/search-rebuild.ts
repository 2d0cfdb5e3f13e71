import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { BackgroundSteps } from "./background-steps.ts";
import type { SearchIndexStore } from "./store.ts";

interface SearchRebuildDeps {
  readonly store: Pick<SearchIndexStore, "rebuildSearchIndex">;
  readonly loop: LoopWatch;
  readonly log: Logger;
}

/** Leaves time to serve the visitors who come back after a restart first. */
const FIRST_STEP_MS = 1000;
const REPORT_INTERVAL_MS = 30_000;

/**
 * Rebuilds the search index after an update that indexes in another way. After a stop, the next start continues the
 * work.
 */
export class SearchRebuild {
  readonly #log: Logger;
  readonly #steps: BackgroundSteps;
  readonly #startedAt = performance.now();
  #reportedAt: number | undefined;

  constructor({ store, loop, log }: SearchRebuildDeps) {
    this.#log = log;
    this.#steps = new BackgroundSteps({
      step: async () => {
        const { isDone, builtShare } = await store.rebuildSearchIndex();
        this.#report(isDone, builtShare);
        return isDone;
      },
      onError: (error) =>
        log.error("the search index could not be built; it will be tried again", { error }),
      loop,
      firstAfterMs: FIRST_STEP_MS,
    });
  }

  /** Resolves when the step under way has ended. */
  stop(): Promise<void> {
    return this.#steps.stop();
  }

  #report(isDone: boolean, builtShare: number): void {
    const now = performance.now();
    const seconds = Math.round((now - this.#startedAt) / 1000);
    if (isDone) {
      if (this.#reportedAt !== undefined) this.#log.info("search index built", { seconds });
      return;
    }
    if (this.#reportedAt !== undefined && now - this.#reportedAt < REPORT_INTERVAL_MS) return;
    this.#reportedAt = now;
    const percent = Math.floor(builtShare * 100);
    this.#log.info("the search index is being rebuilt: older messages are not found yet", {
      percent,
      seconds,
    });
  }
}
