import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SearchIndexStore } from "./store.ts";

interface SearchRebuildDeps {
  readonly store: Pick<SearchIndexStore, "rebuildSearchIndex">;
  readonly loop: LoopWatch;
  readonly log: Logger;
}

/** Leaves time to serve the visitors who come back after a restart first. */
const FIRST_STEP_MS = 1000;
/** The least pause between two steps. */
const PAUSE_MS = 5;
/** A pause is this many times as long as the step took, so that a slow disk gets longer pauses. */
const PAUSE_SHARE = 4;
/** The pause while the event loop is behind: answers under way come first. */
const BUSY_PAUSE_MS = 1000;
/** The pause after an error, such as a full disk. */
const RETRY_MS = 60_000;
const REPORT_INTERVAL_MS = 30_000;

/**
 * Rebuilds the search index after an update that indexes in another way. It works in short steps, so that
 * visitors do not wait. After a stop, the next start continues the work.
 */
export class SearchRebuild {
  readonly #deps: SearchRebuildDeps;
  readonly #startedAt = performance.now();
  #reportedAt: number | undefined;
  #timer: Timer | undefined;
  #step: Promise<void> | undefined;
  #isStopped = false;

  constructor(deps: SearchRebuildDeps) {
    this.#deps = deps;
    this.#stepAfter(FIRST_STEP_MS);
  }

  /** Resolves when the step under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#step;
  }

  #stepAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#step = this.#takeStep();
    }, delayMs);
    this.#timer.unref();
  }

  async #takeStep(): Promise<void> {
    const { store, loop, log } = this.#deps;
    if (loop.isBehind) return this.#stepAfter(BUSY_PAUSE_MS);
    const startedAt = performance.now();
    try {
      const { isDone, builtShare } = await store.rebuildSearchIndex();
      this.#report(isDone, builtShare);
      const stepMs = performance.now() - startedAt;
      if (!isDone) this.#stepAfter(Math.max(PAUSE_MS, stepMs * PAUSE_SHARE));
    } catch (error) {
      log.error("the search index could not be built; it will be tried again", { error });
      this.#stepAfter(RETRY_MS);
    }
  }

  #report(isDone: boolean, builtShare: number): void {
    const now = performance.now();
    const seconds = Math.round((now - this.#startedAt) / 1000);
    if (isDone) {
      if (this.#reportedAt !== undefined) this.#deps.log.info("search index built", { seconds });
      return;
    }
    if (this.#reportedAt !== undefined && now - this.#reportedAt < REPORT_INTERVAL_MS) return;
    this.#reportedAt = now;
    const percent = Math.floor(builtShare * 100);
    this.#deps.log.info("the search index is being rebuilt: older messages are not found yet", {
      percent,
      seconds,
    });
  }
}
