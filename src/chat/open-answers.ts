import { overloaded, rateLimited } from "../errors.ts";
import type { Gauge } from "../metrics/gauge.ts";

/** How many answers are being read, by whom, and how many may be. */
interface OpenAnswersOptions {
  readonly maxInAll: number;
  readonly maxPerAddress: number;
  readonly gauge: Pick<Gauge, "set">;
}

interface Reader {
  /** The client's address as the limiter counts it. */
  readonly client: string;
  readonly sessionId: string;
}

/**
 * The tabs, devices and repeated requests of one visitor. A session has one turn under way, so it is
 * the bound on the readers of a turn, too.
 */
export const MAX_ANSWERS_PER_SESSION = 64;
/** An answer of the reader's own may end any moment, so it is worth coming again soon. */
const RETRY_SECONDS = 5;

/** The connections on which an answer is awaited or being sent, streamed or whole. */
export class OpenAnswers {
  readonly #options: OpenAnswersOptions;
  readonly #byAddress = new Map<string, number>();
  readonly #bySession = new Map<string, number>();
  #inAll = 0;

  constructor(options: OpenAnswersOptions) {
    this.#options = options;
  }

  /**
   * Takes a place for a reader; what is returned gives it back, and may be called more than once.
   * @throws AppError overloaded when all places are taken, rate_limited when the reader's own are
   */
  enter({ client, sessionId }: Reader): () => void {
    const { maxInAll, maxPerAddress } = this.#options;
    if (this.#inAll >= maxInAll) throw overloaded();
    const ofAddress = this.#byAddress.get(client) ?? 0;
    const ofSession = this.#bySession.get(sessionId) ?? 0;
    if (ofAddress >= maxPerAddress || ofSession >= MAX_ANSWERS_PER_SESSION) {
      throw rateLimited(RETRY_SECONDS);
    }
    this.#byAddress.set(client, ofAddress + 1);
    this.#bySession.set(sessionId, ofSession + 1);
    this.#count(1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      decrement(this.#byAddress, client);
      decrement(this.#bySession, sessionId);
      this.#count(-1);
    };
  }

  #count(change: 1 | -1): void {
    this.#inAll += change;
    this.#options.gauge.set(this.#inAll);
  }
}

/** An entry that counts nothing goes: the map is as large as the number of those who read. */
function decrement(counts: Map<string, number>, name: string): void {
  const left = (counts.get(name) ?? 0) - 1;
  if (left > 0) counts.set(name, left);
  else counts.delete(name);
}
