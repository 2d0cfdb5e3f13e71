import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import { StoreUnavailableError } from "./unavailable.ts";

/** The least pause between two steps. */
const PAUSE_MS = 5;
/** By default, a pause is this many times as long as the step took, so that a slow disk gets longer pauses. */
const PAUSE_SHARE = 4;
/** The pause while the event loop is behind: answers under way come first. */
const BUSY_PAUSE_MS = 1000;
/** The pause after an error, such as a full disk. */
const RETRY_MS = 60_000;

interface BackgroundStepsOptions {
  /** Takes one short step, and resolves with whether it was the last one for now. */
  readonly step: () => Promise<boolean>;
  /** Not called when the database does not answer: whoever asks it all the time logs that, once. */
  readonly onError: (error: unknown) => void;
  readonly loop: LoopWatch;
  readonly firstAfterMs: number;
  /** How long after the last step there may be more to do. Undefined: never. */
  readonly againAfterMs?: number;
  /** How many times as long as the step a pause is. */
  readonly pauseShare?: number;
}

/** Does long work in short steps, so that visitors do not wait. It begins by itself. */
export class BackgroundSteps {
  readonly #options: BackgroundStepsOptions;
  #timer: Timer | undefined;
  #step: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: BackgroundStepsOptions) {
    this.#options = options;
    this.#stepAfter(options.firstAfterMs);
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
    const { step, onError, loop, againAfterMs, pauseShare = PAUSE_SHARE } = this.#options;
    if (loop.isBehind) return this.#stepAfter(BUSY_PAUSE_MS);
    const startedAt = performance.now();
    try {
      const isDone = await step();
      const stepMs = performance.now() - startedAt;
      if (!isDone) this.#stepAfter(Math.max(PAUSE_MS, stepMs * pauseShare));
      else if (againAfterMs !== undefined) this.#stepAfter(againAfterMs);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) onError(error);
      this.#stepAfter(RETRY_MS);
    }
  }
}
