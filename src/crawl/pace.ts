import { SECOND_MS } from "../runtime/time.ts";

export interface PaceOptions {
  /** The least time between the beginnings of two requests, in milliseconds. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/** Longer pauses, which robots.txt or Retry-After may ask for, are not kept. */
const MAX_PAUSE_MS = 30 * SECOND_MS;
const MAX_REST_MS = 60 * SECOND_MS;

/** Lets requests to one website begin one after the other, with pauses, so that its visitors notice nothing. */
export class Pace {
  readonly #signal: AbortSignal;
  #pauseMs: number;
  /** When the next request may begin, by performance.now. */
  #nextAt = 0;

  constructor({ pauseMs, signal }: PaceOptions) {
    this.#pauseMs = pauseMs;
    this.#signal = signal;
  }

  /** The site asks for longer pauses. */
  keepApart(delayMs: number): void {
    this.#pauseMs = Math.min(MAX_PAUSE_MS, Math.max(this.#pauseMs, delayMs));
  }

  /** The site wants to be left alone. Nothing begins before this time is over. */
  rest(restMs: number): void {
    const until = performance.now() + Math.min(MAX_REST_MS, restMs);
    this.#nextAt = Math.max(this.#nextAt, until);
  }

  /** Resolves when a request may begin, or when the crawl is stopped. */
  turn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#pauseMs;
    return wait(at - now, this.#signal);
  }
}

/** Ends early, without an error, when the signal comes. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
