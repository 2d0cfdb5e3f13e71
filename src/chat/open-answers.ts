import { overloaded, rateLimited } from "../errors.ts";
import type { Gauge } from "../metrics/gauge.ts";
import { type Networks, NetworkTally } from "../net/client-networks.ts";
import { tally } from "../runtime/tally.ts";

/** The limits on how many answers are read at once. */
interface OpenAnswersOptions {
  readonly maxInAll: number;
  readonly maxPerAddress: () => number;
  readonly gauge: Pick<Gauge, "set">;
}

interface Reader {
  /** The networks that the client is counted under. */
  readonly networks: Networks;
  readonly sessionId: string;
}

/**
 * Enough for one visitor's tabs, devices and repeated requests. A session has only one turn under way, so
 * this also bounds the readers of a turn.
 */
export const MAX_ANSWERS_PER_SESSION = 64;
/** Places for readers of each turn, on average, when MAX_CONCURRENT_TURNS are under way. */
const READERS_PER_TURN = 2;

/** How many answers may be read at once by everybody. One visitor may use more than the average. */
export function maxAnswersInAll(maxConcurrentTurns: number): number {
  return READERS_PER_TURN * maxConcurrentTurns + MAX_ANSWERS_PER_SESSION;
}

/** Takes a place for a reader of an answer. Returns a function that gives it back. */
export type EnterAnswer = (sessionId: string, request: Request) => () => void;

/** One of the reader's own answers may end at any moment, so an early retry makes sense. */
const RETRY_SECONDS = 5;

/** Counts the connections that wait for an answer or receive one, streamed or whole. */
export class OpenAnswers {
  readonly #options: OpenAnswersOptions;
  readonly #byNetwork = new NetworkTally();
  readonly #bySession = new Map<string, number>();
  #inAll = 0;

  constructor(options: OpenAnswersOptions) {
    this.#options = options;
  }

  /**
   * Takes a place for a reader. Returns a function that gives it back and may be called more than once.
   * @throws AppError overloaded when all places are taken, rate_limited when the reader's own places are taken
   */
  enter({ networks, sessionId }: Reader): () => void {
    const { maxInAll, maxPerAddress } = this.#options;
    if (this.#inAll >= maxInAll) throw overloaded();
    const ofSession = this.#bySession.get(sessionId) ?? 0;
    const hasRoom = this.#byNetwork.hasRoom(networks, 1, maxPerAddress());
    if (!hasRoom || ofSession >= MAX_ANSWERS_PER_SESSION) throw rateLimited(RETRY_SECONDS);
    this.#byNetwork.add(networks, 1);
    tally(this.#bySession, sessionId, 1);
    this.#count(1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#byNetwork.add(networks, -1);
      tally(this.#bySession, sessionId, -1);
      this.#count(-1);
    };
  }

  #count(change: 1 | -1): void {
    this.#inAll += change;
    this.#options.gauge.set(this.#inAll);
  }
}
