import type { Logger } from "../runtime/logger.ts";

/** So many may fail in a window, of all addresses together, before the next ones have to wait. */
const FREE_FAILURES = 50;
/** What each further one adds to the wait, and the longest wait: an owner can bear it. */
const ADDED_WAIT_MS = 50;
const MAX_WAIT_MS = 5000;
/** So many wait at once; with one more, the one that waited longest need not wait longer. */
const MAX_WAITING = 256;

interface LoginBrakeOptions {
  readonly windowMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Pick<Logger, "warn">;
}

/**
 * Slows logins down while many fail, from whatever addresses: one who has thousands of addresses has ten
 * attempts of each. Nobody is refused by it, so the owner's right password gets in, after the wait at worst.
 */
export class LoginBrake {
  readonly #options: LoginBrakeOptions;
  /** How to end each wait; the longest comes first. */
  readonly #waiting = new Set<() => void>();
  #failures = 0;
  #windowEnd = 0;

  constructor(options: LoginBrakeOptions) {
    this.#options = options;
  }

  /** To be awaited before the password is looked at. What is not known to be right counts as failed. */
  async pass(): Promise<void> {
    this.#openWindow();
    this.#failures++;
    const excess = this.#failures - FREE_FAILURES;
    if (excess <= 0) return;
    if (excess === 1) {
      this.#options.log.warn("many failed logins: the next ones wait", { failures: FREE_FAILURES });
    }
    await this.#wait(Math.min(MAX_WAIT_MS, excess * ADDED_WAIT_MS));
  }

  /** The password was right. */
  succeeded(): void {
    this.#failures = Math.max(0, this.#failures - 1);
  }

  #openWindow(): void {
    const { now, windowMs } = this.#options;
    const leftMs = this.#windowEnd - now();
    // A window that ends further away than its length was opened before the clock was set back.
    if (leftMs > 0 && leftMs <= windowMs) return;
    this.#windowEnd = now() + windowMs;
    this.#failures = 0;
  }

  #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    this.#waiting.add(end);
    const [longest] = this.#waiting;
    if (this.#waiting.size > MAX_WAITING) longest?.();
    return promise;
  }
}
