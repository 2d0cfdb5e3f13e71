import type { OtherReplica } from "../store/cluster-store.ts";
import type { Pace } from "./pace.ts";

/** How often a counter must be seen unchanged. */
const EQUAL_BEATS = 5;

interface Seen {
  readonly beat: number;
  readonly equal: number;
}

/** A replica whose counter stands still. */
export interface SilentReplica {
  readonly id: string;
  readonly beat: number;
}

/**
 * Finds out which replicas have died: those whose counters stood still for five looks in a row. No clocks are
 * compared. A replica that was away itself, or could not look, begins to count anew: the others may have been
 * alive meanwhile.
 */
export class LeaseWatch {
  readonly #maxBetweenLooksMs: number;
  readonly #seen = new Map<string, Seen>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor({ maxBetweenLooksMs }: Pick<Pace, "maxBetweenLooksMs">) {
    this.#maxBetweenLooksMs = maxBetweenLooksMs;
  }

  /**
   * Looks at the others' counters.
   * @param at milliseconds of the monotonic clock
   */
  look(others: ReadonlyMap<string, OtherReplica>, at: number): SilentReplica[] {
    if (at - this.#lookedAt > this.#maxBetweenLooksMs) this.#seen.clear();
    this.#lookedAt = at;
    for (const id of this.#seen.keys()) {
      if (!others.has(id)) this.#seen.delete(id);
    }
    const silent: SilentReplica[] = [];
    for (const [id, { beat }] of others) {
      const seen = this.#seen.get(id);
      const equal = seen?.beat === beat ? seen.equal + 1 : 0;
      this.#seen.set(id, { beat, equal });
      if (equal >= EQUAL_BEATS) silent.push({ id, beat });
    }
    return silent;
  }
}
