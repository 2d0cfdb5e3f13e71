interface LineBudgetOptions {
  readonly max: number;
  readonly windowMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** So many lines of the log in a window, for what anybody can cause as often as he likes. */
export class LineBudget {
  readonly #options: LineBudgetOptions;
  #windowEnd = 0;
  #taken = 0;

  constructor(options: LineBudgetOptions) {
    this.#options = options;
  }

  /** Whether there is a line left; it is taken then. */
  take(): boolean {
    const { max, windowMs, now } = this.#options;
    const leftMs = this.#windowEnd - now();
    // A window that ends further away than its length was opened before the clock was set back.
    if (leftMs <= 0 || leftMs > windowMs) {
      this.#windowEnd = now() + windowMs;
      this.#taken = 0;
    }
    if (this.#taken >= max) return false;
    this.#taken++;
    return true;
  }
}
