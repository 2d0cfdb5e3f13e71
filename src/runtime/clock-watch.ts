import { HOUR_MS } from "./time.ts";

interface ClockWatchOptions {
  /** Milliseconds since the epoch, by the clock that people and programs set. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic?: () => number;
}

/**
 * How far the two clocks may drift apart between two checks. It allows for a machine that slept overnight:
 * the monotonic clock stands still meanwhile, although nobody has set the other one.
 */
const TOLERANCE_MS = 24 * HOUR_MS;
/** Long enough for a time server or an owner to correct the clock, shorter than from one night to the next. */
const DISTRUST_MS = 12 * HOUR_MS;

/**
 * Whether the machine's time can be trusted. Asked before work that a wrong time would ruin and that cannot
 * be undone. A clock that has jumped is trusted again after twelve steady hours, whatever time it then shows.
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

  /** Call it regularly: a jump is detected by comparing one call with the next. */
  isBelieved(): boolean {
    const monotonic = this.#monotonic();
    const offset = this.#now() - monotonic;
    if (Math.abs(offset - this.#offset) > TOLERANCE_MS) this.distrust();
    this.#offset = offset;
    return monotonic >= this.#believedFrom;
  }

  /** Something other than a jump has shown that the time may be wrong. */
  distrust(): void {
    this.#believedFrom = this.#monotonic() + DISTRUST_MS;
  }
}
