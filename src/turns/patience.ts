import { IdleTimer } from "../runtime/idle-timer.ts";

/** A model may think without a word for this many times the current deadline: by default for ten minutes. */
const MAX_THINKING_DEADLINES = 10;

interface PatienceOptions {
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Called when there is nothing more to wait for. */
  readonly onEnd: () => void;
}

/** Limits how long the model may be silent: before its first word, between words, and while it thinks. */
export class Patience {
  readonly #idleTimeoutMs: number;
  readonly #silence: IdleTimer;
  #limitMs: number;
  #hasSpoken = false;
  /** Since when the model has thought without a word; undefined while it speaks. Monotonic milliseconds. */
  #thinkingSince: number | undefined = performance.now();

  constructor({ firstTokenTimeoutMs, idleTimeoutMs, onEnd }: PatienceOptions) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#limitMs = firstTokenTimeoutMs;
    this.#silence = new IdleTimer(firstTokenTimeoutMs, onEnd);
  }

  /** The model has sent text. Reads the clock once, because it is called for every chunk. */
  word(): void {
    this.#thinkingSince = undefined;
    if (this.#hasSpoken) {
      this.#silence.touch();
      return;
    }
    this.#hasSpoken = true;
    this.#limitMs = this.#idleTimeoutMs;
    this.#silence.restart(this.#limitMs);
  }

  /** The model is at work but has sent no text for the visitor. */
  sign(): void {
    this.#thinkingSince ??= performance.now();
    const thinkingMs = performance.now() - this.#thinkingSince;
    if (thinkingMs < this.#limitMs * MAX_THINKING_DEADLINES) this.#silence.touch();
  }

  stop(): void {
    this.#silence.stop();
  }
}
