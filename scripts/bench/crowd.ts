import { askStream, RefusedError } from "./client.ts";
import { takeNumbers } from "./load.ts";
import type { Target } from "./targets.ts";

/** What each visitor asks again and again. */
interface CrowdOptions {
  readonly target: Target;
  readonly url: string;
  readonly tokens: number;
  readonly pauseMs: number;
}

/** What happened to a crowd over some time. */
export interface Observation {
  readonly seconds: number;
  readonly answered: number;
  readonly refused: number;
  /** For each token: the milliseconds from when it was due to when it arrived. */
  readonly latenessMs: readonly number[];
}

/**
 * Visitors who keep asking. After an answer they ask again at once. After a refusal they ask again after the
 * time in Retry-After.
 */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #visitors: Promise<void>[] = [];
  readonly #failed = Promise.withResolvers<never>();
  #isOpen = true;
  #since = performance.now();
  #answered = 0;
  #refused = 0;
  #latenessMs: number[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
    // Callers race their work against `failed`. When nobody does, its rejection must not end the process.
    this.failed.catch(() => {});
  }

  get size(): number {
    return this.#visitors.length;
  }

  /** Rejects with the first wrong answer or broken connection. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Adds this many visitors, evenly over the given time. */
  async grow(visitors: number, overMs: number): Promise<void> {
    for (let come = 0; come < visitors; come++) {
      this.#visitors.push(this.#visit().catch(this.#failed.reject));
      if (come % STEP === 0) await Bun.sleep((overMs * STEP) / visitors);
    }
  }

  /** What happened since the last call. */
  observe(): Observation {
    const now = performance.now();
    const observation = {
      seconds: (now - this.#since) / 1000,
      answered: this.#answered,
      refused: this.#refused,
      latenessMs: this.#latenessMs,
    };
    this.#since = now;
    this.#answered = 0;
    this.#refused = 0;
    this.#latenessMs = [];
    return observation;
  }

  /** Lets no visitor ask any more. */
  close(): void {
    this.#isOpen = false;
  }

  /** Resolves when the last answer has come. */
  async gone(): Promise<void> {
    await Promise.all(this.#visitors);
  }

  async #visit(): Promise<void> {
    const { target, url, tokens, pauseMs } = this.#options;
    while (this.#isOpen) {
      const question = { number: takeNumbers(1), tokens, pauseMs };
      try {
        await askStream(target, url, question, (ms) => this.#latenessMs.push(ms));
        this.#answered += 1;
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        this.#refused += 1;
        await Bun.sleep(error.retryAfterMs);
      }
    }
  }
}

/** How many visitors arrive together. One timer for each would be most of the client's work. */
const STEP = 5;
