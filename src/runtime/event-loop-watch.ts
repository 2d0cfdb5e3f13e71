/** Whether the event loop keeps up with its work. */
export interface LoopWatch {
  readonly isBehind: boolean;
}

/** How often a beat is due, in milliseconds. */
const BEAT_MS = 50;
/** The weight of the newest beat in the average. The verdict follows a change within ten beats. */
const NEWEST_WEIGHT = 0.2;
/**
 * The loop is behind when the average share of missed beats is above this. One pause never reaches it; a
 * lasting lag of 60 ms does. 256 streams at full speed stay below it.
 */
const BEHIND_ABOVE = 0.55;

interface LoopWatchOptions {
  /** Milliseconds of a clock that nobody sets. */
  readonly now?: () => number;
  /** Called at every beat with its delay in milliseconds. */
  readonly onBeat?: (lagMs: number) => void;
}

/**
 * Runs a timer, the beat, and averages the share of beats that are missed because the timer fires late.
 * Everything else on the loop waits as long. It is a share and not a time, so that one pause counts no more
 * than one beat, however long it is: garbage collection and database checkpoints also happen on an idle
 * machine.
 */
export class EventLoopWatch implements LoopWatch {
  readonly #now: () => number;
  readonly #onBeat: (lagMs: number) => void;
  #lastBeat: number;
  #missedShare = 0;

  constructor({ now = () => performance.now(), onBeat = () => {} }: LoopWatchOptions = {}) {
    this.#now = now;
    this.#onBeat = onBeat;
    this.#lastBeat = now();
    setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  get isBehind(): boolean {
    return this.#missedShare > BEHIND_ABOVE;
  }

  #beat(): void {
    const at = this.#now();
    const missedShare = Math.max(0, 1 - BEAT_MS / (at - this.#lastBeat));
    this.#onBeat(Math.max(0, at - this.#lastBeat - BEAT_MS));
    this.#lastBeat = at;
    this.#missedShare += (missedShare - this.#missedShare) * NEWEST_WEIGHT;
  }
}
