import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import { BackgroundSteps } from "./background-steps.ts";
import type { KnowledgeStore } from "./knowledge-store.ts";

interface KnowledgeUpkeepDeps {
  readonly store: Pick<KnowledgeStore, "tendKnowledge">;
  readonly loop: LoopWatch;
  readonly log: Pick<Logger, "error">;
  /** How long after it was done there may be more to do. */
  readonly intervalMs?: number;
}

/** Leaves time to serve the visitors who come back after a restart first. */
const FIRST_STEP_MS = 2000;
/** So long the words of what was deleted stay in the file. Sooner, a long reading would have its index merged again and again. */
const INTERVAL_MS = 5 * MINUTE_MS;

/** Looks after the index of what the bot knows, in the background. */
export class KnowledgeUpkeep {
  readonly #steps: BackgroundSteps;

  constructor({ store, loop, log, intervalMs = INTERVAL_MS }: KnowledgeUpkeepDeps) {
    this.#steps = new BackgroundSteps({
      step: async () => (await store.tendKnowledge()).isDone,
      onError: (error) =>
        log.error("the index of what the bot knows is not tended; it will be tried again", {
          error,
        }),
      loop,
      firstAfterMs: FIRST_STEP_MS,
      againAfterMs: intervalMs,
    });
  }

  /** Resolves when the step under way has ended. */
  stop(): Promise<void> {
    return this.#steps.stop();
  }
}
