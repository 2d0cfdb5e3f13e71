import { overloaded, rateLimited } from "../errors.ts";
import type { Gauge } from "../metrics/gauge.ts";
import { type Networks, NetworkTally } from "../net/client-networks.ts";
import { tally } from "../runtime/tally.ts";

/** How many answers are being read, by whom, and how many may be. */
interface OpenAnswersOptions {
  readonly maxInAll: number;
  readonly maxPerAddress: number;
  readonly gauge: Pick<Gauge, "set">;
}

interface Reader {
  /** What the client is counted under. */
  readonly networks: Networks;
  readonly sessionId: string;
}

/**
 * The tabs, devices and repeated requests of one visitor. A session has one turn under way, so it is
 * the bound on the readers of a turn, too.
 */
export const MAX_ANSWERS_PER_SESSION = 64;
/** How many may follow an answer, on average, when as many as possible are under way. */
const READERS_PER_TURN = 2;

/** How many answers may be read in all; one visitor may have more than the average. */
export function maxAnswersInAll(maxConcurrentTurns: number): number {
  return READERS_PER_TURN * maxConcurrentTurns + MAX_ANSWERS_PER_SESSION;
}

/** Takes a place to read an answer from; what is returned gives it back. */
export type EnterAnswer = (sessionId: string, request: Request) => () => void;

/** An answer of the reader's own may end any moment, so it is worth coming again soon. */
const RETRY_SECONDS = 5;

/** The connections on which an answer is awaited or being sent, streamed or whole. */
export class OpenAnswers {
  readonly #options: OpenAnswersOptions;
  readonly #byNetwork = new NetworkTally();
  readonly #bySession = new Map<string, number>();
  #inAll = 0;

  constructor(options: OpenAnswersOptions) {
    this.#options = options;
  }

  /**
   * Takes a place for a reader; what is returned gives it back, and may be called more than once.
   * @throws AppError overloaded when all places are taken, rate_limited when the reader's own are
   */
  enter({ networks, sessionId }: Reader): () => void {
    const { maxInAll, maxPerAddress } = this.#options;
    if (this.#inAll >= maxInAll) throw overloaded();
    const ofSession = this.#bySession.get(sessionId) ?? 0;
    const hasRoom = this.#byNetwork.hasRoom(networks, 1, maxPerAddress);
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
