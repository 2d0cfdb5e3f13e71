import { type RedisServer, startRedis } from "../../../harness/redis.ts";
import { TcpProxy } from "../../../harness/tcp-proxy.ts";
import { RedisBus } from "../../../src/peers/redis/bus.ts";
import { createRedisNames, type RedisNames } from "../../../src/peers/redis/names.ts";
import { until } from "../../support/until.ts";

interface ReplicaOptions {
  /** Of the database. */
  readonly secret?: string;
  /** As in a URL: `user:password@`. */
  readonly user?: string;
}

/** A replica's end of the bus, and everything that reached it. */
export class Replica {
  readonly bus: RedisBus;
  readonly names: RedisNames;
  readonly messages: string[] = [];
  readonly log: string[] = [];
  gaps = 0;

  constructor(port: number, address: string, { secret = "secret", user = "" }: ReplicaOptions) {
    this.names = createRedisNames(secret);
    this.bus = new RedisBus({
      url: `redis://${user}127.0.0.1:${port}`,
      names: this.names,
      log: {
        info: (event) => void this.log.push(event),
        warn: (event, { reason } = {}) => void this.log.push(`${event}: ${reason}`),
      },
    });
    this.bus.listen(address, {
      onMessage: (message) => void this.messages.push(message),
      onGap: () => void this.gaps++,
    });
  }
}

/** A Redis server of its own, with the replica A behind a proxy and the replica B beside it. */
export class Site implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly proxy: TcpProxy;
  readonly a: Replica;
  readonly b: Replica;
  readonly #replicas: Replica[] = [];

  private constructor(redis: RedisServer, proxy: TcpProxy) {
    this.redis = redis;
    this.proxy = proxy;
    this.a = this.add(proxy.port, "a");
    this.b = this.add(redis.port, "b");
  }

  static async start(): Promise<Site> {
    const redis = await startRedis();
    const site = new Site(redis, await TcpProxy.start(redis.port));
    await site.up();
    return site;
  }

  add(port: number, address: string, options: ReplicaOptions = {}): Replica {
    const replica = new Replica(port, address, options);
    this.#replicas.push(replica);
    return replica;
  }

  /** Waits until A and B are up, and returns how long that took in milliseconds. */
  up(): Promise<number> {
    return until(() => this.a.bus.isUp && this.b.bus.isUp);
  }

  down(): Promise<number> {
    return until(() => !this.a.bus.isUp && !this.b.bus.isUp);
  }

  /** How many connections the server has accepted since CONFIG RESETSTAT. */
  async connectionsMade(): Promise<number> {
    const stats = String(await this.redis.command("INFO", "stats"));
    return Number(/total_connections_received:(\d+)/.exec(stats)?.[1]);
  }

  /** Both send to each other until both have heard something. */
  async hearEachOther(): Promise<void> {
    const { a, b } = this;
    const text = crypto.randomUUID();
    const isHeard = () => a.messages.includes(text) && b.messages.includes(text);
    for (let tries = 0; tries < 50 && !isHeard(); tries++) {
      await Promise.all([a.bus.send("b", text), b.bus.send("a", text)]);
      await Bun.sleep(10);
    }
    if (!isHeard()) throw new Error(`not heard: ${a.log} ${b.log}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { bus } of this.#replicas) await bus.close();
    this.proxy.stop();
    await this.redis.stop();
  }
}
