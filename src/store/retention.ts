import { ClockWatch } from "../runtime/clock-watch.ts";
import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { ErasureStore } from "./store.ts";

interface RetentionDeps {
  readonly store: Pick<ErasureStore, "expireConversations"> &
    Pick<ConversationStore, "listConversations">;
  /** How long a conversation is kept after its last activity. */
  readonly days: number;
  readonly loop: LoopWatch;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set; performance.now where nothing is said. */
  readonly monotonic?: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Visitors who come back after a restart come first. */
const FIRST_SWEEP_MS = 5000;
const SWEEP_INTERVAL_MS = 60 * 60 * 1000;
/** Between two steps of some 2 ms: deleting takes a tenth of the event loop, however much there is. */
const PAUSE_MS = 20;
/** While the loop is behind: answers under way go first, and what has waited for days waits on. */
const BUSY_PAUSE_MS = 1000;

/**
 * Deletes conversations that have been silent for too long: some time after the start, then hourly. A
 * clock that is wrong by years must not delete everything: while it cannot be believed, nothing is deleted.
 */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #clock: ClockWatch;
  readonly #startChecked: Promise<void>;
  #timer: Timer;
  #sweeping: Promise<void> | undefined;
  #isStopped = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#clock = new ClockWatch(deps);
    // Now, and not with the first sweep: what is said meanwhile has the same time, right or wrong.
    this.#startChecked = this.#checkStart().catch((error: unknown) => {
      deps.log.error("the age of what is stored could not be seen", { error });
      this.#clock.distrust();
    });
    this.#timer = this.#sweepAfter(FIRST_SWEEP_MS);
  }

  /** Resolves when the step under way has ended; what is left is done after the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  #sweepAfter(delayMs: number): Timer {
    const timer = setTimeout(() => {
      this.#sweeping = this.#sweep().then(() => {
        if (!this.#isStopped) this.#timer = this.#sweepAfter(SWEEP_INTERVAL_MS);
      });
    }, delayMs);
    return timer.unref();
  }

  /** A start that would delete everything there is looks like one with a wrong clock. */
  async #checkStart(): Promise<void> {
    const { conversations } = await this.#deps.store.listConversations({ limit: 1 });
    const newest = conversations[0]?.updatedAt;
    if (newest !== undefined && newest < this.#expiry()) this.#clock.distrust();
  }

  /** What was last active before this time is deleted. */
  #expiry(): number {
    return this.#deps.now() - this.#deps.days * DAY_MS;
  }

  async #sweep(): Promise<void> {
    const { store, days, log, loop } = this.#deps;
    const before = this.#expiry();
    let conversations = 0;
    try {
      await this.#startChecked;
      if (!this.#clock.isBelieved()) {
        log.warn("the clock may be wrong: nothing is deleted before it has been steady", { days });
        return;
      }
      while (!this.#isStopped) {
        const step = await store.expireConversations(before);
        conversations += step.conversations;
        if (step.isDone) break;
        await pause(loop.isBehind ? BUSY_PAUSE_MS : PAUSE_MS);
      }
    } catch (error) {
      log.error("old conversations could not be deleted yet", { error });
    }
    if (conversations > 0) log.info("deleted old conversations", { conversations, days });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
