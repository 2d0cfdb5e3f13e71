import { SCARCE_SHARE } from "../config/database.ts";
import type { Logger } from "../runtime/logger.ts";
import type { StoreHealth } from "./store.ts";
import { StoreUnavailableError } from "./unavailable.ts";

interface StoreSpaceOptions {
  readonly store: Pick<StoreHealth, "usedBytes">;
  /** The size limit of the database. */
  readonly maxBytes: number;
  readonly log: Pick<Logger, "warn" | "error">;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic?: () => number;
}

/** Once the share has been below this, a warning can be logged again. */
const CALM_SHARE = 0.75;
/** How old the figure may be that decides whether questions are refused. */
const LOOK_INTERVAL_MS = 1000;

/**
 * How much of the database's size limit is used. Space that deleted rows have left counts as free. The size
 * is read when questions come, at most once a second, because nothing else makes the database grow.
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

  /** Whether new questions are refused. While questions come, the figure is at most a second old. */
  get isFull(): boolean {
    if (this.#monotonic() - this.#lookedAt >= LOOK_INTERVAL_MS) void this.look();
    return this.#share >= 1;
  }

  /** Reads the size now. @returns the share that is used; from 1 on, the database is full */
  async look(): Promise<number> {
    this.#lookedAt = this.#monotonic();
    try {
      this.#share = (await this.#options.store.usedBytes()) / this.#options.maxBytes;
      this.#report();
    } catch (error) {
      // A database that cannot be read cannot be written either, and the question fails by itself.
      // That it does not answer is logged once, by whoever asks it all the time.
      if (error instanceof StoreUnavailableError) return this.#share;
      this.#options.log.error("the size of the database could not be read", { error });
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
