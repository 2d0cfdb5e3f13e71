import { pause } from "../runtime/pause.ts";
import { SECOND_MS } from "../runtime/time.ts";

export interface PaceOptions {
  /** The least time between the beginnings of two requests, in milliseconds. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/** A site that wants no pauses gets these. */
const MIN_PAUSE_MS = 20;
/** Longer pauses, which robots.txt or Retry-After may ask for, are not kept. */
const MAX_PAUSE_MS = 30 * SECOND_MS;
const MAX_REST_MS = 60 * SECOND_MS;

/** Lets requests to one website begin one after the other, with pauses, so that its visitors notice nothing. */
export class Pace {
  readonly #signal: AbortSignal;
  #pauseMs: number;
  /** When the next request may begin, by performance.now. */
  #nextAt = 0;
  #lastTurn = Promise.resolve();

  constructor({ pauseMs, signal }: PaceOptions) {
    this.#pauseMs = pauseMs;
    this.#signal = signal;
  }

  /** The site says how far apart it wants requests to be. */
  keepApart(delayMs: number): void {
    this.#pauseMs = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, delayMs));
  }

  /** The site wants to be left alone. Nothing begins before this time is over. */
  rest(restMs: number): void {
    const until = performance.now() + Math.min(MAX_REST_MS, restMs);
    this.#nextAt = Math.max(this.#nextAt, until);
  }

  /** Resolves when a request may begin, in the order of the calls, or when the crawl is stopped. */
  turn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => this.#pass());
    return this.#lastTurn;
  }

  async #pass(): Promise<void> {
    // The site may ask for a rest while somebody waits.
    while (performance.now() < this.#nextAt && !this.#signal.aborted) {
      await pause(this.#nextAt - performance.now(), this.#signal);
    }
    this.#nextAt = performance.now() + this.#pauseMs;
  }
}
