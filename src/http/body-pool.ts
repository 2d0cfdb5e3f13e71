import { AppError, overloaded, rateLimited } from "../errors.ts";
import { tally } from "./tally.ts";

const MB = 1024 * 1024;
/** What all bodies that are still arriving may take together: 8000 questions, or 64 of the largest. */
const MAX_BYTES = 128 * MB;
/** What those of one address may take of it, so that nobody takes all of it. */
const MAX_BYTES_PER_ADDRESS = 16 * MB;
/** What a body counts for at least: a request that waits costs that much. */
const MIN_BYTES = 16 * 1024;
/** A body is whole or refused well within. */
const RETRY_SECONDS = 5;

let bytesInAll = 0;
const bytesByAddress = new Map<string, number>();

/** The memory that one body takes until it is whole. To be left, whatever becomes of the body. */
export class ArrivingBody {
  readonly #client: string;
  #bytes = 0;

  /**
   * @param client the address as the limiter counts it
   * @throws AppError as grow
   */
  constructor(client: string) {
    this.#client = client;
    this.grow(MIN_BYTES);
  }

  /** @throws AppError rate_limited or overloaded when there is no room for so many bytes */
  grow(bytes: number): void {
    const added = bytes - this.#bytes;
    if (added <= 0) return;
    const ofAddress = bytesByAddress.get(this.#client) ?? 0;
    if (ofAddress + added > MAX_BYTES_PER_ADDRESS) {
      throw withoutRest(rateLimited(RETRY_SECONDS));
    }
    if (bytesInAll + added > MAX_BYTES) throw withoutRest(overloaded());
    this.#bytes = bytes;
    bytesInAll += added;
    tally(bytesByAddress, this.#client, added);
  }

  leave(): void {
    bytesInAll -= this.#bytes;
    tally(bytesByAddress, this.#client, -this.#bytes);
    this.#bytes = 0;
  }
}

/** There may be more of this body, so the connection cannot carry another request. */
export function withoutRest({ code, headers }: AppError): AppError {
  return new AppError(code, { headers: { ...headers, connection: "close" } });
}
