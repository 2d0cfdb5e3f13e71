import { ClockWatch } from "../runtime/clock-watch.ts";
import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { Logger } from "../runtime/logger.ts";
import { DAY_MS, MINUTE_MS } from "../runtime/time.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { ErasureStore } from "./store.ts";

interface RetentionDeps {
  readonly store: Pick<ErasureStore, "expireConversations" | "databaseTime"> &
    Pick<ConversationStore, "listConversations">;
  /** How long a conversation is kept after its last activity. Undefined: for ever. */
  readonly days: () => number | undefined;
  readonly loop: LoopWatch;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets. Default: performance.now. */
  readonly monotonic?: () => number;
}

/** Leaves time to serve the visitors who come back after a restart first. */
const FIRST_SWEEP_MS = 5000;
const SWEEP_INTERVAL_MS = 60 * 60 * 1000;
/** Time to correct a slip: what is deleted does not come back. */
const SWEEP_AFTER_CHANGE_MS = 60 * 1000;
/** The pause between two steps of about 2 ms. Deleting takes a tenth of the event loop's time at most. */
const PAUSE_MS = 20;
/** The pause while the event loop is behind: answers under way come first. */
const BUSY_PAUSE_MS = 1000;
/** How far this machine's clock and that of the database may be apart. */
const MAX_SKEW_MS = 5 * MINUTE_MS;

/**
 * Deletes conversations that have been silent for too long: shortly after the start and then hourly. A clock
 * that is wrong by years must not delete everything, so nothing is deleted while the clock is not trusted.
 */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #clock: ClockWatch;
  readonly #startChecked: Promise<void>;
  #timer: Timer;
  #sweeping: Promise<void> | undefined;
  #sweptDays: number | undefined;
  #isStopped = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#sweptDays = deps.days();
    this.#clock = new ClockWatch(deps);
    // Checked before visitors write: their messages would have the clock's time, even if it is wrong.
    this.#startChecked = this.#checkStart().catch((error: unknown) => {
      deps.log.error("the age of the newest conversation could not be read", { error });
      this.#clock.distrust();
    });
    this.#timer = this.#sweepAfter(FIRST_SWEEP_MS);
  }

  /** Resolves when the step under way has ended. The next start continues the work. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  /** Settings may have changed. With another time to keep conversations, the next sweep comes in a minute. */
  settingsChanged(): void {
    const days = this.#deps.days();
    if (days === this.#sweptDays || this.#isStopped) return;
    this.#sweptDays = days;
    clearTimeout(this.#timer);
    this.#timer = this.#sweepAfter(SWEEP_AFTER_CHANGE_MS);
  }

  #sweepAfter(delayMs: number): Timer {
    const timer = setTimeout(() => {
      this.#sweeping = this.#sweep().then(() => {
        // A change of the settings during the sweep has made another timer.
        if (!this.#isStopped && this.#timer === timer) {
          this.#timer = this.#sweepAfter(SWEEP_INTERVAL_MS);
        }
      });
    }, delayMs);
    return timer.unref();
  }

  /** If a start would delete every conversation, the clock is probably wrong. */
  async #checkStart(): Promise<void> {
    const days = this.#deps.days();
    if (days === undefined) return;
    const { conversations } = await this.#deps.store.listConversations({ limit: 1 });
    const newest = conversations[0]?.updatedAt;
    if (newest !== undefined && newest < this.#expiry(days)) this.#clock.distrust();
  }

  /** Conversations whose last activity was before this time are deleted. */
  #expiry(days: number): number {
    return this.#deps.now() - days * DAY_MS;
  }

  /** How far this machine's clock is ahead of the database's. */
  async #skewMs(): Promise<number> {
    const askedAt = this.#deps.now();
    const there = await this.#deps.store.databaseTime();
    return there === undefined ? 0 : askedAt - there;
  }

  async #sweep(): Promise<void> {
    const { store, log, loop } = this.#deps;
    const days = this.#deps.days();
    if (days === undefined) return;
    const before = this.#expiry(days);
    let conversations = 0;
    try {
      await this.#startChecked;
      if (!this.#clock.isBelieved()) {
        log.warn("the clock may be wrong: nothing is deleted until it has been steady", { days });
        return;
      }
      const skewMs = await this.#skewMs();
      if (Math.abs(skewMs) > MAX_SKEW_MS) {
        const ahead = { minutesAhead: Math.round(skewMs / MINUTE_MS), days };
        log.warn(
          "the clocks here and of the database differ: nothing is deleted until they agree",
          ahead,
        );
        return;
      }
      // The owner may change the days meanwhile, because he sees that they were wrong.
      while (!this.#isStopped && this.#deps.days() === days) {
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
