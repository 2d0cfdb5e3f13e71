import { heapStats } from "bun:jsc";
import { afterAll, describe, expect, test } from "bun:test";

import { cleanUp } from "../../../harness/process.ts";
import { hasRedis, startRedis } from "../../../harness/redis.ts";
import { startStopwatch } from "../../../harness/stopwatch.ts";
import { undisturbed } from "../../support/undisturbed.ts";
import { until } from "../../support/until.ts";
import { Site } from "./sites.ts";

/** The bus over a real Redis. The tests wait most of the time, so they run beside each other. */

afterAll(cleanUp);

describe.skipIf(!hasRedis)("the bus over Redis", () => {
  undisturbed(
    "brings messages to one replica in order, and resolves to whether it listens",
    async () => {
      await using site = await Site.start();
      const { a, b } = site;
      const sent = ["one", "two", "three ☃", "x".repeat(1_000_000)];
      expect(await Promise.all(sent.map((text) => a.bus.send("b", text)))).toEqual(
        sent.map(() => true),
      );
      await until(() => b.messages.length === sent.length);
      expect(b.messages).toEqual(sent);
      expect(a.messages).toEqual([]);
      expect(await a.bus.send("nobody", "x")).toBe(false);
    },
  );

  undisturbed("brings a message for all to all but its sender", async () => {
    await using site = await Site.start();
    const { a, b } = site;
    const c = site.add(site.redis.port, "c");
    await until(() => c.bus.isUp);
    a.bus.sendToAll("to all");
    await a.bus.send("a", "last");
    await until(() => b.messages.length > 0 && c.messages.length > 0 && a.messages.length > 0);
    expect([a.messages, b.messages, c.messages]).toEqual([["last"], ["to all"], ["to all"]]);
  });

  undisturbed("keeps the replicas of different databases on one server apart", async () => {
    await using site = await Site.start();
    const stranger = site.add(site.redis.port, "b", { secret: "secret of another database" });
    await until(() => stranger.bus.isUp);
    site.a.bus.sendToAll("to all");
    await site.a.bus.send("b", "to b");
    await until(() => site.b.messages.length === 2);
    await stranger.bus.send("b", "own");
    await until(() => stranger.messages.length > 0);
    expect(stranger.messages).toEqual(["own"]);
  });

  undisturbed(
    "raises no false alarm in 4 s of idleness, and keeps only keys that expire",
    async () => {
      await using site = await Site.start();
      await Bun.sleep(4000);
      expect([site.a.gaps, site.a.log]).toEqual([1, []]);
      const keys = await site.redis.command("KEYS", "*");
      if (!Array.isArray(keys)) throw new Error(`KEYS: ${keys}`);
      expect(keys).toHaveLength(2);
      for (const key of keys) expect(await site.redis.command("TTL", key)).toBeGreaterThan(0);
    },
  );

  undisturbed(
    "warns once of a server that is away from the start, and listens when it comes",
    async () => {
      await using site = await Site.start();
      site.proxy.refuse();
      const c = site.add(site.proxy.port, "c");
      await Bun.sleep(1000);
      expect(c.log).toEqual([
        "Redis is away: replicas are connected by the database alone: nothing listens there",
      ]);
      await site.proxy.heal();
      await until(() => c.bus.isUp);
      expect(await site.b.bus.send("c", "welcome")).toBe(true);
    },
  );

  undisturbed(
    "stays down, and does not log each attempt, where its user may not publish",
    async () => {
      await using site = await Site.start();
      const rules = ["on", "nopass", "~*", "&*", "+@all", "-publish"];
      await site.redis.command("ACL", "SETUSER", "chat", ...rules);
      await site.redis.command("CONFIG", "RESETSTAT");
      const c = site.add(site.redis.port, "c", { user: "chat:x@" });
      await Bun.sleep(2000);
      expect(await site.connectionsMade()).toBeLessThan(12);
      expect(c.bus.isUp).toBe(false);
      expect(c.log).toEqual([expect.stringContaining("NOPERM")]);
    },
  );

  undisturbed("names the server's own words when it refuses the password", async () => {
    await using site = await Site.start();
    await site.redis.command("CONFIG", "SET", "requirepass", "another");
    const c = site.add(site.redis.port, "c");
    await until(() => c.log.length > 0);
    expect(c.log[0]).toContain("NOAUTH");
  });
});

describe.skipIf(!hasRedis)("the bus over Redis after a fault:", () => {
  undisturbed(
    "a connection that is cut is heard again within 0.5 s, each message once",
    async () => {
      await using site = await Site.start();
      const { a, b, proxy } = site;
      proxy.cut();
      expect(await until(() => !a.bus.isUp)).toBeLessThan(250);
      expect(await a.bus.send("b", "dropped")).toBe(false);
      expect(await site.up()).toBeLessThan(500);
      await b.bus.send("a", "once");
      await b.bus.send("a", "last");
      await until(() => a.messages.includes("last"));
      expect(a.messages).toEqual(["once", "last"]);
      expect(b.messages).toEqual([]);
      // The listener hears that something may have been lost.
      expect(a.gaps).toBe(2);
      expect(a.log).toEqual([expect.stringContaining("away"), "Redis is back"]);
    },
  );

  for (const [of, directions] of [
    ["of both directions", []],
    ["of the server", ["down"]],
    ["of the client", ["up"]],
  ] as const) {
    undisturbed(`silence ${of} for 3.5 s is seen within 3 s, and over soon after`, async () => {
      await using site = await Site.start();
      const { a, b, proxy } = site;
      proxy.silence(...directions);
      const seenAfter = await until(() => !a.bus.isUp);
      expect(seenAfter).toBeLessThan(3000);
      // Both of its watches may be the first to see it.
      expect(a.log).toEqual([
        expect.stringMatching(/the server does not answer$|own messages do not arrive$/),
      ]);
      // Nothing is kept for a server that is away.
      expect(await a.bus.send("b", "dropped")).toBe(false);
      await Bun.sleep(3500 - seenAfter);
      await proxy.heal();
      expect(await site.up()).toBeLessThan(2100);
      await site.hearEachOther();
      expect(b.messages).not.toContain("dropped");
    });
  }

  undisturbed("what waits for a silent server is bounded in size and in time", async () => {
    await using site = await Site.start();
    site.proxy.silence();
    const text = "x".repeat(1024 * 1024);
    let isWaiting = 0;
    const stopwatch = startStopwatch();
    const sent = Array.from({ length: 100 }, async () => {
      isWaiting += 1;
      const isHeard = await site.a.bus.send("b", text);
      isWaiting -= 1;
      return isHeard;
    });
    await until(() => isWaiting < 100);
    expect(isWaiting).toBe(16);
    expect(await Promise.all(sent)).not.toContain(true);
    expect(stopwatch()).toBeLessThan(2000);
  });

  undisturbed("an address that refuses for 3 s is heard again within 1.1 s", async () => {
    await using site = await Site.start();
    site.proxy.refuse();
    await until(() => !site.a.bus.isUp);
    await Bun.sleep(3000);
    await site.proxy.heal();
    expect(await site.up()).toBeLessThan(1100);
    await site.hearEachOther();
    expect(site.a.log).toHaveLength(2);
  });

  undisturbed("a server that is killed and starts empty is heard again within 1.1 s", async () => {
    await using site = await Site.start();
    await site.redis.kill();
    await site.down();
    await site.redis.start();
    expect(await site.up()).toBeLessThan(1100);
    await site.hearEachOther();
  });

  undisturbed("a server that is paused for 5 s is heard again within 2.1 s", async () => {
    await using site = await Site.start();
    site.redis.pause();
    await site.down();
    await Bun.sleep(2500);
    site.redis.resume();
    expect(await site.up()).toBeLessThan(2100);
    await site.hearEachOther();
  });

  undisturbed("data and connections that a person drops are got over", async () => {
    await using site = await Site.start();
    await site.redis.command("FLUSHALL");
    for (const type of ["pubsub", "normal"]) {
      await site.redis.command("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
      await site.down();
      await site.up();
      await site.hearEachOther();
    }
  });

  undisturbed("a server that loads its data is waited for", async () => {
    await using site = await Site.start();
    await site.redis.command("DEBUG", "POPULATE", "1500");
    await site.redis.command("SAVE");
    await site.redis.kill();
    await site.down();
    // 1500 keys of 1 ms each.
    const slow = ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"];
    await site.redis.start(slow, "Server initialized");
    expect(await site.up()).toBeGreaterThan(1000);
    await site.hearEachOther();
  });

  undisturbed("a server without room for a connection is tried again", async () => {
    await using site = await Site.start();
    await site.redis.command("CONFIG", "SET", "maxclients", "1");
    site.proxy.cut();
    await until(() => !site.a.bus.isUp);
    const refused = async () => {
      const stats = String(await site.redis.command("INFO", "stats"));
      return Number(/rejected_connections:(\d+)/.exec(stats)?.[1]);
    };
    await until(async () => (await refused()) >= 4);
    expect(site.a.bus.isUp).toBe(false);
    await site.redis.command("CONFIG", "SET", "maxclients", "1000");
    expect(await site.up()).toBeLessThan(1100);
    await site.hearEachOther();
  });

  undisturbed(
    "a full server goes on carrying messages, and the log says once what it does not do",
    async () => {
      await using site = await Site.start();
      const { a, redis } = site;
      await redis.command("CONFIG", "SET", "maxmemory", "1");
      await until(() => a.bus.writer === undefined);
      await site.hearEachOther();
      expect(a.bus.isUp).toBe(true);
      await redis.command("CONFIG", "SET", "maxmemory", "0");
      await until(() => a.bus.writer !== undefined);
      expect(a.log).toEqual([
        expect.stringContaining("takes no writes: each replica counts requests for itself: OOM"),
        "Redis takes writes again",
      ]);
    },
  );

  undisturbed(
    "a server that has become a replica is left for the one that was promoted",
    async () => {
      await using site = await Site.start();
      const { a, b, redis, proxy } = site;
      const promoted = await startRedis();
      await redis.command("REPLICAOF", "127.0.0.1", `${promoted.port}`);
      // New connections reach the promoted server. The old ones stay open.
      proxy.targetPort = promoted.port;
      const c = site.add(promoted.port, "c");
      await until(() => c.bus.isUp);
      expect(await until(() => a.log.some((line) => line.includes("READONLY")))).toBeLessThan(2000);
      await until(() => a.bus.isUp);
      expect(await c.bus.send("a", "to a")).toBe(true);
      // Behind no proxy, the replica B stays away, and does not try too often.
      await until(() => !b.bus.isUp);
      await redis.command("CONFIG", "RESETSTAT");
      await Bun.sleep(1500);
      expect(await site.connectionsMade()).toBeLessThan(10);
      expect(b.bus.isUp).toBe(false);
    },
  );

  undisturbed(
    "two servers behind one address are noticed, and both connections moved to one",
    async () => {
      await using site = await Site.start();
      const { a, redis, proxy } = site;
      const another = await startRedis();
      proxy.targetPort = another.port;
      // The subscription is made anew at the other server. The commands still reach the first one.
      await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
      await until(() => !a.bus.isUp);
      expect(await until(() => a.bus.isUp)).toBeLessThan(4000);
      const c = site.add(another.port, "c");
      await until(() => c.bus.isUp);
      expect(await c.bus.send("a", "to a")).toBe(true);
      expect(await a.bus.send("c", "to c")).toBe(true);
    },
  );

  test("50 cuts leave no client behind, and memory as it was", async () => {
    await using site = await Site.start();
    const cut = async (times: number) => {
      for (let n = 0; n < times; n++) {
        site.proxy.cut();
        await until(() => !site.a.bus.isUp);
        await site.up();
      }
      Bun.gc(true);
      return {
        bytes: process.memoryUsage.rss(),
        clients: heapStats().objectTypeCounts.RedisClient,
      };
    };
    const before = await cut(5);
    const after = await cut(50);
    expect(after.clients).toBeLessThanOrEqual((before.clients ?? 0) + 5);
    expect(after.bytes - before.bytes).toBeLessThan(8 * 1024 * 1024);
  });
});
