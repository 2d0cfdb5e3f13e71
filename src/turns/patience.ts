import { IdleTimer } from "../runtime/idle-timer.ts";

/** A model may think for so many of its deadlines without a word: by default for ten minutes. */
const MAX_THINKING_DEADLINES = 10;

interface PatienceOptions {
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Called when there is nothing more to wait for. */
  readonly onEnd: () => void;
}

/** How long a model is waited for: for its first word, for the next one, and for both while it thinks. */
export class Patience {
  readonly #idleTimeoutMs: number;
  readonly #silence: IdleTimer;
  #limitMs: number;
  #hasSpoken = false;
  /** Milliseconds of the monotonic clock. */
  #lastWordAt = performance.now();

  constructor({ firstTokenTimeoutMs, idleTimeoutMs, onEnd }: PatienceOptions) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#limitMs = firstTokenTimeoutMs;
    this.#silence = new IdleTimer(firstTokenTimeoutMs, onEnd);
  }

  /** The model said something. */
  word(): void {
    this.#lastWordAt = performance.now();
    if (this.#hasSpoken) {
      this.#silence.touch();
      return;
    }
    this.#hasSpoken = true;
    this.#limitMs = this.#idleTimeoutMs;
    this.#silence.restart(this.#limitMs);
  }

  /** The model is at work, but says nothing. */
  sign(): void {
    const wordlessMs = performance.now() - this.#lastWordAt;
    if (wordlessMs < this.#limitMs * MAX_THINKING_DEADLINES) this.#silence.touch();
  }

  stop(): void {
    this.#silence.stop();
  }
}
