import type { Logger } from "../runtime/logger.ts";

/** After so many failures in a window, from all addresses together, the next logins have to wait. */
const FREE_FAILURES = 50;
/** Each further failure adds to the wait, up to a maximum that an owner can bear. */
const ADDED_WAIT_MS = 50;
const MAX_WAIT_MS = 5000;
/** At most so many logins wait at once. One more ends the wait of the one that has waited longest. */
const MAX_WAITING = 256;

interface LoginBrakeOptions {
  /** How long failures are counted, in milliseconds. The owner may change it. */
  readonly windowMs: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Pick<Logger, "warn">;
}

/**
 * Slows all logins down while many fail, because an attacker with thousands of addresses has ten attempts from
 * each. Each process counts its own. It refuses nobody, so that strangers cannot lock the owner out: the right
 * password works, at worst after the wait.
 */
export class LoginBrake {
  readonly #options: LoginBrakeOptions;
  /** Functions that end a wait. The one that has waited longest comes first. */
  readonly #waiting = new Set<() => void>();
  #failures = 0;
  #windowEnd = 0;

  constructor(options: LoginBrakeOptions) {
    this.#options = options;
  }

  /** Await this before checking the password. The login counts as failed until `succeeded` is called. */
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

  /** Call this when the password was right. */
  succeeded(): void {
    this.#failures = Math.max(0, this.#failures - 1);
  }

  #openWindow(): void {
    const { now } = this.#options;
    const windowMs = this.#options.windowMs();
    const leftMs = this.#windowEnd - now();
    // A window that ends later than one length from now was opened before the clock was set back.
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
