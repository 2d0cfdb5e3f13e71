/** The times of what replicas do together, in milliseconds. All follow from the time between two beats. */
export interface Pace {
  /** How often a replica shows that it lives. */
  readonly beatMs: number;
  readonly beatDeadlineMs: number;
  /** A longer time between two looks at the others means that this process was away itself. */
  readonly maxBetweenLooksMs: number;
  /** How long a process that starts waits for a busy database to take it among the replicas. */
  readonly enterPatienceMs: number;
  /** A replica that could not beat for so long should get no traffic. */
  readonly maxSilenceMs: number;

  /** How long another replica that does not ask again counts as a reader of a turn. */
  readonly leaseMs: number;
  /** How often a follower asks again, which renews its lease. */
  readonly askIntervalMs: number;
  /** The same after silence: an owner answers at once, even if a turn has nothing new. */
  readonly askAfterSilenceMs: number;
  /** From then on, the database is asked for the end of a followed turn, too. */
  readonly lostAfterSilenceMs: number;
  readonly lookIntervalMs: number;
  /** Whoever stops an answer waits for its end. */
  readonly lookWhileStoppingMs: number;
  /** How long a reader waits until it is known how far a followed turn is. */
  readonly firstNewsMs: number;
  /** A turn that nobody reads is followed so much longer, because a reader often comes back at once. */
  readonly unreadMs: number;
  /** How often a follower checks what is due. */
  readonly roundMs: number;
}

const BEAT_MS = 1000;

export const PACE = createPace(BEAT_MS);

export function createPace(beatMs: number): Pace {
  return {
    beatMs,
    beatDeadlineMs: 1.5 * beatMs,
    maxBetweenLooksMs: 2.5 * beatMs,
    enterPatienceMs: 10 * beatMs,
    maxSilenceMs: 3 * beatMs,
    leaseMs: 6 * beatMs,
    askIntervalMs: 2 * beatMs,
    askAfterSilenceMs: 0.8 * beatMs,
    lostAfterSilenceMs: 2 * beatMs,
    lookIntervalMs: beatMs,
    lookWhileStoppingMs: 0.25 * beatMs,
    firstNewsMs: 0.5 * beatMs,
    unreadMs: 2 * beatMs,
    roundMs: 0.2 * beatMs,
  };
}
