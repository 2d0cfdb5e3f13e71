/** What the watch looks at. */
interface ClockWatchOptions {
  /** Milliseconds since the epoch, by a clock that people and programs set. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic?: () => number;
}

const HOUR_MS = 60 * 60 * 1000;
/**
 * What the clock may gain or lose between two looks. A machine that slept overnight has not been set:
 * the clock that is never set stands still meanwhile.
 */
const TOLERANCE_MS = 24 * HOUR_MS;
/** Time enough for a time server, or for whoever reads the log; less than from one nightly restart to the next. */
const DISTRUST_MS = 12 * HOUR_MS;

/**
 * Whether the time of the machine can be believed: for what cannot be undone when it was wrong. A clock
 * that has jumped is believed again once it has gone on steadily for twelve hours, wherever it is then.
 */
export class ClockWatch {
  readonly #now: () => number;
  readonly #monotonic: () => number;
  #offset: number;
  #believedFrom = Number.NEGATIVE_INFINITY;

  constructor({ now, monotonic = () => performance.now() }: ClockWatchOptions) {
    this.#now = now;
    this.#monotonic = monotonic;
    this.#offset = now() - monotonic();
  }

  /** To be asked from time to time: a jump is seen from one call to the next. */
  isBelieved(): boolean {
    const monotonic = this.#monotonic();
    const offset = this.#now() - monotonic;
    if (Math.abs(offset - this.#offset) > TOLERANCE_MS) this.distrust();
    this.#offset = offset;
    return monotonic >= this.#believedFrom;
  }

  /** Something else than a jump has shown that the time may be wrong. */
  distrust(): void {
    this.#believedFrom = this.#monotonic() + DISTRUST_MS;
  }
}
