import { connect, createServer, type Server, type Socket } from "node:net";

/** `up` is from the client to the server. */
type Direction = "up" | "down";

/**
 * A proxy on 127.0.0.1 between any client and any server that breaks their connections as a network does. It
 * begins healthy.
 */
export class TcpProxy {
  /** Where new connections go, on 127.0.0.1. */
  targetPort: number;
  readonly #pairs = new Set<Pair>();
  readonly #silent = new Set<Direction>();
  #port = 0;
  #server: Server | undefined;

  private constructor(targetPort: number) {
    this.targetPort = targetPort;
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** For HTTP. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Ends all connections. New ones are accepted. */
  cut(): void {
    for (const pair of this.#pairs) pair.cut();
  }

  /**
   * Holds back what is sent in these directions, ends of connections too, and accepts new connections: a
   * partition.
   */
  silence(...directions: readonly Direction[]): void {
    for (const direction of directions.length === 0 ? (["up", "down"] as const) : directions) {
      this.#silent.add(direction);
      for (const pair of this.#pairs) pair[direction].hold();
    }
  }

  /** Ends all connections and refuses new ones. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
    this.cut();
  }

  /** Lets everything through again. What was held back arrives now. */
  async heal(): Promise<void> {
    this.#silent.clear();
    for (const pair of this.#pairs) {
      pair.up.release();
      pair.down.release();
    }
    if (!this.#server) await this.#listen();
  }

  stop(): void {
    this.refuse();
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer((client) => this.#join(client));
      this.#server = server;
      server.on("error", reject);
      server.listen(this.#port, "127.0.0.1", () => {
        const address = server.address();
        if (address !== null && typeof address === "object") this.#port = address.port;
        resolve();
      });
    });
  }

  #join(client: Socket): void {
    const pair = new Pair(client, connect(this.targetPort, "127.0.0.1"));
    for (const direction of this.#silent) pair[direction].hold();
    this.#pairs.add(pair);
    pair.whenOver(() => this.#pairs.delete(pair));
  }
}

/** A connection of a client, and the one to the server that belongs to it. */
class Pair {
  readonly up: Pipe;
  readonly down: Pipe;
  readonly #sockets: readonly [Socket, Socket];

  constructor(client: Socket, server: Socket) {
    this.#sockets = [client, server];
    this.up = new Pipe(client, server);
    this.down = new Pipe(server, client);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Calls back when both connections are closed. */
  whenOver(callback: () => void): void {
    let open = this.#sockets.length;
    for (const socket of this.#sockets) {
      socket.on("close", () => {
        open -= 1;
        if (open === 0) callback();
      });
    }
  }
}

/** One direction of a connection. */
class Pipe {
  readonly #to: Socket;
  readonly #held: Buffer[] = [];
  #isHeld = false;
  #hasEnded = false;

  constructor(from: Socket, to: Socket) {
    this.#to = to;
    from.setNoDelay(true);
    from.on("data", (bytes: Buffer) => {
      if (this.#isHeld) this.#held.push(bytes);
      else if (!to.write(bytes)) from.pause();
    });
    to.on("drain", () => from.resume());
    // A reset is also followed by "close".
    from.on("error", () => {});
    from.on("close", () => {
      this.#hasEnded = true;
      if (!this.#isHeld) to.destroySoon();
    });
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const bytes of this.#held.splice(0)) this.#to.write(bytes);
    if (this.#hasEnded) this.#to.destroySoon();
  }
}
