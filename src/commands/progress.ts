interface ProgressOptions {
  readonly write: (text: string) => void;
  /** A terminal shows one line, which changes. Otherwise a line is written every few seconds. */
  readonly isTerminal: boolean;
  /** Milliseconds of any clock that nobody sets. */
  readonly now: () => number;
}

const TERMINAL_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5000;
const ERASE_LINE = "\r\u001b[K";

/** Shows how far a long command is. */
export class Progress {
  readonly #options: ProgressOptions;
  #task = "";
  #startedAt = 0;
  #shownAt: number;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#shownAt = options.now();
  }

  /** Call it as often as there is news; it shows the news that is due. */
  report(task: string, done: number, of: number): void {
    const { write, isTerminal, now } = this.#options;
    const at = now();
    if (task !== this.#task) [this.#task, this.#startedAt] = [task, at];
    if (at - this.#shownAt < (isTerminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS)) return;
    this.#shownAt = at;
    const share = of === 0 ? 100 : Math.floor((done / of) * 100);
    const rate = (done / Math.max(at - this.#startedAt, 1)) * 1000;
    const line = `${task}: ${share} %, ${Math.round(rate).toLocaleString("en")} a second`;
    write(isTerminal ? `${ERASE_LINE}${line}` : `${line}\n`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#options.isTerminal) this.#options.write(ERASE_LINE);
  }
}

/** Progress on standard error. */
export function startProgress(): Progress {
  return new Progress({
    write: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    now: () => performance.now(),
  });
}
