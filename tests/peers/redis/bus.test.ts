import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { cleanUp } from "../../../harness/process.ts";
import { hasRedis, type RedisServer, startRedis } from "../../../harness/redis.ts";
import { TcpProxy } from "../../../harness/tcp-proxy.ts";
import { RedisBus } from "../../../src/peers/redis/bus.ts";
import { createRedisNames } from "../../../src/peers/redis/names.ts";

/** The bus over a real Redis, which is behind a proxy for the replica A and not for the replica B. */

let redis: RedisServer;
let proxy: TcpProxy;
let a: Replica;
let b: Replica;
const replicas: Replica[] = [];

/** A replica's end of the bus, and everything that it was told. */
class Replica {
  readonly bus: RedisBus;
  readonly messages: string[] = [];
  readonly log: string[] = [];
  gaps = 0;

  constructor(port: number, address: string, secret = "secret of the database") {
    this.bus = new RedisBus({
      url: `redis://127.0.0.1:${port}`,
      names: createRedisNames(secret),
      log: {
        info: (event) => void this.log.push(event),
        warn: (event, { reason } = {}) => void this.log.push(`${event}: ${reason}`),
      },
      onChange: (isUp) => void this.changes.push(isUp),
    });
    this.bus.listen(address, {
      onMessage: (message) => void this.messages.push(message),
      onGap: () => void this.gaps++,
    });
    replicas.push(this);
  }

  readonly changes: boolean[] = [];
}

/** Waits until it is so, and returns how long that took in milliseconds. */
async function until(isSo: () => boolean, withinMs = 8000): Promise<number> {
  const startedAt = performance.now();
  while (!isSo()) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not so: ${isSo}`);
    await Bun.sleep(5);
  }
  return performance.now() - startedAt;
}

const areUp = () => a.bus.isUp && b.bus.isUp;

/** Sends both ways until something was heard both ways, as replicas ask again. */
async function hearEachOther(withinMs = 8000): Promise<number> {
  const text = crypto.randomUUID();
  const isHeard = () => a.messages.includes(text) && b.messages.includes(text);
  const startedAt = performance.now();
  while (!isHeard()) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not heard: ${a.log} ${b.log}`);
    if (!b.messages.includes(text)) await a.bus.send("b", text);
    if (!a.messages.includes(text)) await b.bus.send("a", text);
    await Bun.sleep(10);
  }
  return performance.now() - startedAt;
}

describe.skipIf(!hasRedis)("the bus over Redis", () => {
  beforeAll(async () => {
    redis = await startRedis();
    proxy = await TcpProxy.start(redis.port);
  });
  beforeEach(async () => {
    a = new Replica(proxy.port, "a");
    b = new Replica(redis.port, "b");
    await until(areUp);
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(({ bus }) => bus.close()));
  });
  afterAll(async () => {
    proxy.stop();
    await cleanUp();
  });

  test("brings a message to one replica, in order, and resolves to whether anybody listened", async () => {
    const sent = ["one", "two", "three ☃", "x".repeat(1_000_000)];
    expect(await Promise.all(sent.map((text) => a.bus.send("b", text)))).toEqual(
      sent.map(() => true),
    );
    await until(() => b.messages.length === sent.length);
    expect(b.messages).toEqual(sent);
    expect(a.messages).toEqual([]);
    expect(await a.bus.send("nobody", "x")).toBe(false);
  });

  test("brings a message for all to all but its sender", async () => {
    const c = new Replica(redis.port, "c");
    await until(() => c.bus.isUp);
    a.bus.sendToAll("to all");
    await a.bus.send("a", "last");
    await until(() => b.messages.length > 0 && c.messages.length > 0 && a.messages.length > 0);
    expect([a.messages, b.messages, c.messages]).toEqual([["last"], ["to all"], ["to all"]]);
  });

  test("keeps the replicas of different databases apart", async () => {
    const stranger = new Replica(redis.port, "b", "secret of another database");
    await until(() => stranger.bus.isUp);
    a.bus.sendToAll("to all");
    await a.bus.send("b", "to b");
    await until(() => b.messages.length === 2);
    await stranger.bus.send("b", "own");
    await until(() => stranger.messages.length > 0);
    expect(stranger.messages).toEqual(["own"]);
  });

  test("says that there may have been a gap as soon as it listens, and nothing in 4 s of idleness", async () => {
    await Bun.sleep(4000);
    expect([a.gaps, a.changes, a.log]).toEqual([1, [true], []]);
  });

  test("keeps nothing in Redis but keys that expire", async () => {
    const keys = await redis.command("KEYS", "*");
    if (!Array.isArray(keys)) throw new Error(`KEYS: ${keys}`);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(await redis.command("TTL", key)).toBeGreaterThan(0);
  });

  describe("after a fault", () => {
    test("a connection that is cut: is heard again within 0.5 s, once, and says that there was a gap", async () => {
      proxy.cut();
      expect(await until(() => !a.bus.isUp)).toBeLessThan(250);
      expect(await a.bus.send("b", "dropped")).toBe(false);
      expect(await until(areUp)).toBeLessThan(500);
      expect(await hearEachOther()).toBeLessThan(250);
      expect(a.gaps).toBe(2);
      await b.bus.send("a", "once");
      await b.bus.send("a", "last");
      await until(() => a.messages.includes("last"));
      expect(a.messages.filter((text) => text === "once")).toHaveLength(1);
      expect(b.messages).not.toContain("dropped");
      expect(a.log).toEqual([expect.stringContaining("away"), "Redis is back"]);
      expect(a.changes).toEqual([true, false, true]);
    });

    test("silence for 3.5 s: is seen within 3 s and over soon after it", async () => {
      proxy.silence();
      const startedAt = performance.now();
      const longest: number[] = [];
      const beats = setInterval(() => longest.push(performance.now()), 10);
      expect(await until(() => !a.bus.isUp)).toBeLessThan(3000);
      expect(a.log).toEqual([expect.stringContaining("does not answer")]);
      await Bun.sleep(3500 - (performance.now() - startedAt));
      await proxy.heal();
      expect(await until(areUp)).toBeLessThan(2100);
      await hearEachOther();
      clearInterval(beats);
      // Nothing of it holds up the process.
      const gaps = longest.slice(1).map((at, index) => at - (longest[index] ?? at));
      expect(Math.max(...gaps)).toBeLessThan(250);
    });

    test("silence of one direction only is seen, too", async () => {
      proxy.silence("down");
      expect(await until(() => !a.bus.isUp)).toBeLessThan(3000);
      await proxy.heal();
      await until(areUp);
      await hearEachOther();
    });

    test("an address that refuses for 3 s: is heard again within 1.1 s", async () => {
      proxy.refuse();
      await until(() => !a.bus.isUp);
      await Bun.sleep(3000);
      await proxy.heal();
      expect(await until(areUp)).toBeLessThan(1100);
      await hearEachOther();
      expect(a.log).toHaveLength(2);
    });

    test("a server that is killed and starts empty", async () => {
      await redis.kill();
      await until(() => !a.bus.isUp && !b.bus.isUp);
      await redis.start();
      expect(await until(areUp)).toBeLessThan(1200);
      await hearEachOther();
    });

    test("a server that is paused for 5 s", async () => {
      redis.pause();
      try {
        await until(() => !a.bus.isUp && !b.bus.isUp);
        expect(await a.bus.send("b", "dropped")).toBe(false);
        await Bun.sleep(2500);
      } finally {
        redis.resume();
      }
      expect(await until(areUp)).toBeLessThan(2100);
      await hearEachOther();
    });

    test("all data and all connections dropped by a person", async () => {
      await redis.command("FLUSHALL");
      await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
      await until(() => !a.bus.isUp && !b.bus.isUp);
      await until(areUp);
      await hearEachOther();
      await redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      await until(() => a.changes.length === 5 && b.changes.length === 5);
      await hearEachOther();
    });

    test("a server that loads its data", async () => {
      await redis.command("DEBUG", "POPULATE", "1500");
      await redis.command("SAVE");
      await redis.kill();
      await until(() => !a.bus.isUp && !b.bus.isUp);
      // 1500 keys of 1 ms each.
      const slow = ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"];
      await redis.start(slow, "Server initialized");
      await until(areUp);
      await hearEachOther();
      await redis.command("FLUSHALL");
      await redis.command("SAVE");
    });

    test("a server that takes no more connections", async () => {
      const before = await redis.command("CONFIG", "GET", "maxclients");
      await redis.command("CONFIG", "SET", "maxclients", "1");
      proxy.cut();
      await until(() => !a.bus.isUp);
      // Three attempts fail.
      await Bun.sleep(500);
      expect(a.bus.isUp).toBe(false);
      await redis.command("CONFIG", "SET", "maxclients", "1000");
      expect(await until(areUp)).toBeLessThan(1100);
      await hearEachOther();
      expect(before).toBeDefined();
    });

    test("a full server goes on carrying messages, and the log says once what it does not do", async () => {
      await redis.command("CONFIG", "SET", "maxmemory", "1");
      await until(() => a.bus.writer === undefined);
      await hearEachOther();
      expect([a.bus.isUp, a.changes]).toEqual([true, [true]]);
      await redis.command("CONFIG", "SET", "maxmemory", "0");
      await until(() => a.bus.writer !== undefined);
      expect(a.log).toEqual([
        expect.stringContaining("takes no writes: each replica counts requests for itself: OOM"),
        "Redis takes writes again",
      ]);
    });
  });

  test("leaves a server that has become a replica for the one that was promoted", async () => {
    const promoted = await startRedis();
    await promoted.command("REPLICAOF", "127.0.0.1", `${redis.port}`);
    await promoted.command("REPLICAOF", "NO", "ONE");
    await redis.command("REPLICAOF", "127.0.0.1", `${promoted.port}`);
    // New connections reach the promoted server; the old ones stay open.
    proxy.targetPort = promoted.port;
    const c = new Replica(promoted.port, "c");
    await until(() => c.bus.isUp);
    expect(await until(() => a.log.some((line) => line.includes("READONLY")))).toBeLessThan(1500);
    await until(() => a.bus.isUp);
    expect(await c.bus.send("a", "to a")).toBe(true);
    // The replica B is behind no proxy and stays away, without trying too often.
    await until(() => !b.bus.isUp);
    await redis.command("CONFIG", "RESETSTAT");
    await Bun.sleep(2000);
    const stats = String(await redis.command("INFO", "stats"));
    expect(Number(/total_connections_received:(\d+)/.exec(stats)?.[1])).toBeLessThan(10);
    await redis.command("REPLICAOF", "NO", "ONE");
    proxy.targetPort = redis.port;
    proxy.cut();
    await until(areUp);
    await hearEachOther();
  });
});
