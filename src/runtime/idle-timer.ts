/**
 * Notices silence: calls `onIdle` each time `limitMs` have passed without a touch. The timer is set again
 * only when it fires too early, so a stream of a thousand tokens sets it only a few times.
 */
export class IdleTimer {
  readonly #onIdle: () => void;
  #limitMs: number;
  /** Milliseconds of the monotonic clock. */
  #lastTouch = performance.now();
  #timer: Timer;

  constructor(limitMs: number, onIdle: () => void) {
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
    this.#timer = this.#arm(limitMs);
  }

  /** Something happened. Reads the clock and sets no timer, because it is called for every token. */
  touch(): void {
    this.#lastTouch = performance.now();
  }

  /** Something happened, and from now on the limit is another one. */
  restart(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#limitMs = limitMs;
    this.touch();
    this.#timer = this.#arm(limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #arm(ms: number): Timer {
    return setTimeout(IdleTimer.#check, ms, this);
  }

  /** Static, so that thousands of timers share one function. */
  static #check(this: void, timer: IdleTimer): void {
    const leftMs = timer.#limitMs - (performance.now() - timer.#lastTouch);
    // A timer may fire a fraction of a millisecond early, which does not matter.
    if (leftMs >= 1) {
      timer.#timer = timer.#arm(leftMs);
      return;
    }
    timer.touch();
    timer.#timer = timer.#arm(timer.#limitMs);
    timer.#onIdle();
  }
}
