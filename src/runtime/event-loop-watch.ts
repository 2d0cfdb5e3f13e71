/** Whether the event loop keeps up with what there is to do. */
export interface LoopWatch {
  readonly isBehind: boolean;
}

/** How often a beat is due, in milliseconds. */
const BEAT_MS = 50;
/** What the newest beat counts for, against all before it: the verdict follows within ten beats. */
const NEWEST_WEIGHT = 0.2;
/**
 * The average share of missed beats above which the loop is behind: one pause is never enough, and a lag
 * of 60 ms that stays is. 256 streams as fast as they can go keep below it, and are served.
 */
const BEHIND_ABOVE = 0.55;

interface LoopWatchOptions {
  /** Milliseconds of a clock that is never set. */
  readonly now?: () => number;
  /** Told at every beat how late it is, in milliseconds. */
  readonly onBeat?: (lagMs: number) => void;
}

/**
 * Beats a timer and averages the share of beats that are missed because it fires late: by so much all
 * else waits, too. A share and not a time, so that one pause, however long, counts no more than a beat:
 * garbage is collected and the database writes its checkpoints on a machine with room to spare, too.
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
