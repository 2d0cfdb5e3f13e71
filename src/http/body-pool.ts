import { AppError, overloaded, rateLimited } from "../errors.ts";
import { type Networks, NetworkTally } from "../net/client-networks.ts";

/** What a body counts for at least: a request that waits costs that much. */
export const MIN_BYTES = 16 * 1024;
/** A body is whole or refused well within. */
const RETRY_SECONDS = 5;

interface BodyPoolOptions {
  /** What all bodies that are still arriving may take together. */
  readonly maxBytes: number;
  /** What those of one address may take of it, so that nobody takes all of it. */
  readonly maxBytesPerAddress: number;
}

/** The memory that one body takes until it is whole. */
export interface ArrivingBody {
  /**
   * Counts what has arrived so far. What is only announced takes no room.
   * @throws AppError rate_limited or overloaded when there is no room for so many bytes
   */
  grow(bytes: number): void;
  /** Gives the memory back; to be called, whatever becomes of the body. */
  leave(): void;
}

/**
 * The bodies that are arriving. When there is no room for a byte more, the body that stood still longest
 * is ended: whoever holds room without using it makes way for those who send.
 */
export class BodyPool {
  readonly #options: BodyPoolOptions;
  readonly #held = new NetworkTally();
  /** How to end each; the one that stood still longest comes first. */
  readonly #bodies = new Map<ArrivingBody, () => void>();
  #bytesInAll = 0;

  constructor(options: BodyPoolOptions) {
    this.#options = options;
  }

  /**
   * Takes room for a body whose first byte may still be on its way.
   * @param end called when the body has to make way; its room is taken from it already
   * @throws AppError as grow
   */
  enter(networks: Networks, end: () => void): ArrivingBody {
    let held = 0;
    const change = (bytes: number): void => {
      held += bytes;
      this.#bytesInAll += bytes;
      this.#held.add(networks, bytes);
    };
    const body: ArrivingBody = {
      grow: (bytes) => {
        if (!this.#bodies.has(body)) throw withoutRest(overloaded());
        this.#moveToEnd(body);
        const added = bytes - held;
        if (added <= 0) return;
        this.#makeRoom(networks, added, body);
        change(added);
      },
      leave: () => {
        this.#bodies.delete(body);
        change(-held);
      },
    };
    this.#makeRoom(networks, MIN_BYTES, body);
    this.#bodies.set(body, () => {
      body.leave();
      end();
    });
    change(MIN_BYTES);
    return body;
  }

  #makeRoom(networks: Networks, added: number, body: ArrivingBody): void {
    const { maxBytes, maxBytesPerAddress } = this.#options;
    if (!this.#held.hasRoom(networks, added, maxBytesPerAddress)) {
      throw withoutRest(rateLimited(RETRY_SECONDS));
    }
    for (const [other, end] of this.#bodies) {
      if (this.#bytesInAll + added <= maxBytes) return;
      if (other !== body) end();
    }
    if (this.#bytesInAll + added > maxBytes) throw withoutRest(overloaded());
  }

  #moveToEnd(body: ArrivingBody): void {
    const end = this.#bodies.get(body);
    if (end === undefined) return;
    this.#bodies.delete(body);
    this.#bodies.set(body, end);
  }
}

/** There may be more of this body, so the connection cannot carry another request. */
export function withoutRest({ code, headers, details }: AppError): AppError {
  const options = { headers: { ...headers, connection: "close" } };
  return new AppError(code, details ? { ...options, details } : options);
}
