/** The seam to counts that all replicas share. They may be lost at any time. */
export interface SharedCounters {
  /** Whether they can be reached, as far as is known. */
  readonly isUp: boolean;
  /**
   * Adds 1 to each count in turn, up to the first that is over its limit then. Returns all of the counts.
   * Rejects when they cannot be reached, and may take seconds to notice that.
   */
  add(windowMs: number, counted: readonly Counted[]): Promise<readonly SharedCount[]>;
}

interface Counted {
  readonly name: string;
  readonly limit: number;
}

export interface SharedCount {
  /** How often the name was counted in its window, which began with the first time. */
  readonly count: number;
  /** Milliseconds until the window ends. At least 1. */
  readonly resetMs: number;
}
