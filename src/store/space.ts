import { SCARCE_SHARE } from "../config/database.ts";
import type { Logger } from "../runtime/logger.ts";
import type { StoreHealth } from "./store.ts";

interface StoreSpaceOptions {
  readonly store: Pick<StoreHealth, "usedBytes">;
  /** What the database may hold. */
  readonly maxBytes: number;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic?: () => number;
}

/** Below this share, a warning that was logged may be logged again. */
const CALM_SHARE = 0.75;
/** How old the figure may be by which a question is refused. */
const LOOK_INTERVAL_MS = 1000;

/**
 * How much of the room for the database is used. What deleted rows have left free counts as free. It is
 * looked at with the questions, at most once a second: nothing else makes the database grow.
 */
export class StoreSpace {
  readonly #options: StoreSpaceOptions;
  readonly #monotonic: () => number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #share = 0;
  #logged = 0;

  constructor(options: StoreSpaceOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    void this.look();
  }

  /** Whether new questions are refused, by a figure that is a second old at most while questions come. */
  get isFull(): boolean {
    if (this.#monotonic() - this.#lookedAt >= LOOK_INTERVAL_MS) void this.look();
    return this.#share >= 1;
  }

  /** Looks now. @returns the share that is used; 1 and more is full */
  async look(): Promise<number> {
    this.#lookedAt = this.#monotonic();
    try {
      this.#share = (await this.#options.store.usedBytes()) / this.#options.maxBytes;
      this.#report();
    } catch (error) {
      // What cannot be read cannot be written either, and the question says so.
      this.#options.log.error("the size of the database could not be seen", { error });
    }
    return this.#share;
  }

  #report(): void {
    const level = this.#share >= 1 ? 1 : this.#share >= SCARCE_SHARE ? SCARCE_SHARE : 0;
    if (this.#share < CALM_SHARE) this.#logged = 0;
    if (level <= this.#logged) return;
    this.#logged = level;
    const percent = Math.floor(this.#share * 100);
    const { log, maxBytes } = this.#options;
    const figures = { percent, maxMegabytes: Math.floor(maxBytes / 1e6) };
    if (level === 1)
      log.error("the database is full (MAX_DATABASE_MB): questions are refused", figures);
    else log.warn("the database is nearly full (MAX_DATABASE_MB)", figures);
  }
}
