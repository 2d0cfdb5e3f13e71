import { AppError, overloaded, rateLimited } from "../errors.ts";
import { type Networks, NetworkTally } from "../net/client-networks.ts";

/** Every body counts for at least this much, because a waiting request takes this much memory. */
export const MIN_BYTES = 16 * 1024;
/** Most bodies are complete or refused within this time. */
const RETRY_SECONDS = 5;

interface BodyPoolOptions {
  /** The limit for all arriving bodies together. */
  readonly maxBytes: number;
  /** The limit for the bodies of one address, so that no address takes all the memory. */
  readonly maxBytesPerAddress: number;
}

/** The memory that one body takes until it is complete. */
export interface ArrivingBody {
  /**
   * Counts the bytes that have arrived so far. Bytes that are only announced do not count.
   * @throws AppError rate_limited or overloaded when there is no room for these bytes
   */
  grow(bytes: number): void;
  /** Gives the memory back. Must be called in every case. */
  leave(): void;
}

/**
 * Bounds the memory of arriving bodies. When it is full, the body that has stood still longest is ended, so
 * that idle senders make way for active ones.
 */
export class BodyPool {
  readonly #options: BodyPoolOptions;
  readonly #held = new NetworkTally();
  /** By body, the function that ends it. The body that has stood still longest comes first. */
  readonly #bodies = new Map<ArrivingBody, () => void>();
  #bytesInAll = 0;

  constructor(options: BodyPoolOptions) {
    this.#options = options;
  }

  /**
   * Takes room for a body before its first byte has arrived.
   * @param end called when the body has to make way; by then its room is already taken away
   * @throws AppError like grow
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

/** Adds `Connection: close`, because the rest of the body may follow and no other request can. */
export function withoutRest({ code, headers, details }: AppError): AppError {
  const options = { headers: { ...headers, connection: "close" } };
  return new AppError(code, details ? { ...options, details } : options);
}
