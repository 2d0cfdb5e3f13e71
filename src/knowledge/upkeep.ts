import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";

interface KnowledgeUpkeepDeps {
  readonly store: Pick<KnowledgeStore, "tendKnowledge">;
  readonly loop: LoopWatch;
  readonly log: Logger;
}

/** The least pause between two steps. */
const PAUSE_MS = 5;
/** A pause is this many times as long as the step took. */
const PAUSE_SHARE = 4;
/** The pause while the event loop is behind: answers under way come first. */
const BUSY_PAUSE_MS = 1000;
/** Between two looks when there was nothing to do. */
const LOOK_INTERVAL_MS = 10_000;
/** The pause after an error, such as a full disk. */
const RETRY_MS = 60_000;

/** Does what the index of the knowledge needs, in short steps in the background. */
export class KnowledgeUpkeep {
  readonly #deps: KnowledgeUpkeepDeps;
  #timer: Timer | undefined;
  #step: Promise<void> | undefined;
  #isStopped = false;

  constructor(deps: KnowledgeUpkeepDeps) {
    this.#deps = deps;
    this.#stepAfter(BUSY_PAUSE_MS);
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
      const { isDone } = await store.tendKnowledge();
      const stepMs = performance.now() - startedAt;
      this.#stepAfter(isDone ? LOOK_INTERVAL_MS : Math.max(PAUSE_MS, stepMs * PAUSE_SHARE));
    } catch (error) {
      log.error("the index of the knowledge could not be tended; it will be tried again", {
        error,
      });
      this.#stepAfter(RETRY_MS);
    }
  }
}
