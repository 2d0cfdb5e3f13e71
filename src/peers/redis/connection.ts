import { RedisClient } from "bun";

import { dialFault } from "../../net/dial-fault.ts";

const DEFAULT_PORT = 6379;
const CONNECT_TIMEOUT_MS = 1000;
/** A live server answers a ping within each interval. One that has said nothing for longer is given up. */
const PING_INTERVAL_MS = 800;
const MAX_SILENCE_MS = 2500;
const MIN_WAIT_MS = 50;
const MAX_WAIT_MS = 1000;
/** What Bun's client says whenever there is no connection, whatever the reason. */
const CLOSED = "Connection closed";

interface ConnectionOptions {
  readonly url: string;
  /** Makes a new connection ready. It is up when this has resolved, and given up when it rejects. */
  prepare(client: RedisClient): Promise<void>;
  onUp(): void;
  /** Called when the connection is lost, and after each attempt that failed. */
  onDown(reason: string): void;
}

/**
 * A connection that is made anew, for ever, whenever it is lost.
 *
 * Bun's client is used for one connection only: after a reconnection of its own it is subscribed to nothing,
 * after one failed handshake it never tries again, and without pings it does not notice a silent server.
 */
export class RedisConnection {
  readonly #options: ConnectionOptions;
  /** The client of the connection, or of the attempt to make one. */
  #client: RedisClient | undefined;
  #isUp = false;
  #isClosed = false;
  #heardAt = 0;
  /** How many attempts have failed in a row. */
  #failures = 0;
  #timer: Timer | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#dial();
  }

  /** Undefined while the connection is down. */
  get client(): RedisClient | undefined {
    return this.#isUp ? this.#client : undefined;
  }

  /** Gives the connection up and makes a new one. */
  redial(reason: string): void {
    if (this.#client) this.#lose(this.#client, reason);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#client) this.#lose(this.#client, "closed");
  }

  #dial(): void {
    const client = new RedisClient(this.#options.url, {
      autoReconnect: false,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      idleTimeout: MAX_SILENCE_MS,
    });
    this.#client = client;
    this.#prepare(client).catch(async (error: unknown) => {
      this.#lose(client, await this.#reasonOfFailure(error));
    });
  }

  async #reasonOfFailure(error: unknown): Promise<string> {
    const reason = messageOf(error);
    if (reason !== CLOSED) return reason;
    const dial = { defaultPort: DEFAULT_PORT, timeoutMs: CONNECT_TIMEOUT_MS };
    return (await dialFault(this.#options.url, dial)) ?? reason;
  }

  async #prepare(client: RedisClient): Promise<void> {
    // Unlike connect(), a first command rejects with the server's words, such as WRONGPASS or LOADING.
    await client.ping();
    await this.#options.prepare(client);
    if (this.#client !== client) return;
    if (!client.connected) throw new Error("the connection was closed");
    client.onclose = () => this.#lose(client, this.#reasonOfLoss());
    this.#failures = 0;
    this.#isUp = true;
    this.#heardAt = performance.now();
    this.#timer = setInterval(() => void this.#ping(client), PING_INTERVAL_MS);
    this.#options.onUp();
  }

  async #ping(client: RedisClient): Promise<void> {
    try {
      await client.ping();
      this.#heardAt = performance.now();
    } catch {
      // The connection is closed, and `onclose` is called.
    }
  }

  #reasonOfLoss(): string {
    const silenceMs = performance.now() - this.#heardAt;
    return silenceMs > MAX_SILENCE_MS - PING_INTERVAL_MS
      ? "the server does not answer"
      : "the server closed the connection";
  }

  #lose(client: RedisClient, reason: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#isUp = false;
    clearInterval(this.#timer);
    client.close();
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#dial(), waitBefore(this.#failures));
    this.#failures += 1;
    this.#options.onDown(reason);
  }
}

/** Spread, so that many replicas do not come back to a server at the same moment. */
function waitBefore(failures: number): number {
  const wait = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** failures);
  return wait * (0.5 + Math.random() / 2);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
