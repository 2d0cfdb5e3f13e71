interface LineBudgetOptions {
  readonly max: number;
  readonly windowMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Limits the log lines in a window, for events that anybody can cause as often as they like. */
export class LineBudget {
  readonly #options: LineBudgetOptions;
  #windowEnd = 0;
  #taken = 0;

  constructor(options: LineBudgetOptions) {
    this.#options = options;
  }

  /** Takes a line if one is left. Returns whether it did. */
  take(): boolean {
    const { max, windowMs, now } = this.#options;
    const leftMs = this.#windowEnd - now();
    // A window that ends later than one length from now was opened before the clock was set back.
    if (leftMs <= 0 || leftMs > windowMs) {
      this.#windowEnd = now() + windowMs;
      this.#taken = 0;
    }
    if (this.#taken >= max) return false;
    this.#taken++;
    return true;
  }
}
