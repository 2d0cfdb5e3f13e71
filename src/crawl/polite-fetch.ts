import { SECOND_MS } from "../runtime/time.ts";
import { Pace } from "./pace.ts";
import type { Fetched, FetchRequest, SafeFetch } from "./safe-fetch.ts";

interface PoliteFetchOptions {
  readonly fetch: SafeFetch;
  /** The least time between the beginnings of two requests, in milliseconds. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

/** How often a page is asked for while its server wants to be left alone for a moment. */
const TRIES = 3;
const DEFAULT_REST_MS = 5 * SECOND_MS;
/** A server that has failed so often in a row is down: the rest of the crawl would only wait for it. */
const MAX_FAILURES = 10;

/** Asks one website for its pages, no faster than it wants. */
export class PoliteFetch {
  readonly #options: PoliteFetchOptions;
  readonly #pace: Pace;
  #failuresInARow = 0;
  #downReason: string | undefined;

  constructor(options: PoliteFetchOptions) {
    this.#options = options;
    this.#pace = new Pace(options);
  }

  /** Why the website seems to be down, as a sentence for the owner. Undefined while it answers. */
  get downReason(): string | undefined {
    return this.#downReason;
  }

  /** The site says how far apart it wants requests to be, in milliseconds. */
  keepApart(delayMs: number): void {
    this.#pace.keepApart(delayMs);
  }

  /** Never rejects. What was asked for when the signal came has failed. */
  async ask(url: URL, request: Omit<FetchRequest, "signal"> = {}): Promise<Fetched> {
    const { fetch: safeFetch, signal } = this.#options;
    for (let tries = 1; ; tries++) {
      await this.#pace.turn();
      const fetched = await safeFetch(url, { ...request, signal });
      if (fetched.kind !== "failed" || !wantsRest(fetched.status)) return this.#count(fetched);
      if (tries === TRIES || signal.aborted) return this.#count(fetched);
      this.#pace.rest(fetched.retryAfterMs ?? DEFAULT_REST_MS);
    }
  }

  #count(fetched: Fetched): Fetched {
    if (!isTransient(fetched)) {
      this.#failuresInARow = 0;
    } else if (++this.#failuresInARow >= MAX_FAILURES && fetched.kind === "failed") {
      this.#downReason ??= fetched.reason;
    }
    return fetched;
  }
}

function wantsRest(status: number | undefined): boolean {
  return status === 429 || status === 503;
}

/**
 * Whether it may work another time. A server that refuses a page says so with a status below 500, and many answer 403
 * for what does not exist.
 */
export function isTransient(fetched: Fetched): boolean {
  if (fetched.kind !== "failed") return false;
  const { status } = fetched;
  return status === undefined || status >= 500 || status === 429;
}
