import { afterAll, describe, expect } from "bun:test";

import { cleanUp } from "../../harness/process.ts";
import { hasRedis } from "../../harness/redis.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { createFixedWindowLimiter } from "../../src/http/fixed-window-limiter.ts";
import type { RateLimitBudget, RateLimiter } from "../../src/http/rate-limiter.ts";
import { createSharedLimiter } from "../../src/http/shared-limiter.ts";
import type { Networks } from "../../src/net/client-networks.ts";
import { createRedisCounters } from "../../src/peers/redis/counters.ts";
import { type Replica, Site } from "../peers/redis/sites.ts";
import { undisturbed } from "../support/undisturbed.ts";
import { until } from "../support/until.ts";

/** Limiters that share a real Redis, and what becomes of them when it is away. */

const CHAT: RateLimitBudget = { name: "chat", maxRequests: 10, windowMs: 60_000 };
const ADMIN: RateLimitBudget = { ...CHAT, name: "admin" };
const LOGIN: RateLimitBudget = { ...CHAT, name: "login" };
const CLIENT: Networks = [{ name: "192.0.2.1", share: 1 }];

/** Of a replica that waits for a Redis that is there also when the machine is busy. */
const PATIENT = { deadlineMs: 5000 };

function limiterOf({ bus, names }: Replica, waits: Partial<typeof PATIENT> = PATIENT): RateLimiter {
  return createSharedLimiter({
    own: createFixedWindowLimiter({ now: Date.now, seed: 1n, setCount: 64 }),
    counters: createRedisCounters({ bus, names }),
    ...waits,
  });
}

interface Limiters {
  readonly a: RateLimiter;
  readonly b: RateLimiter;
}

function limitersOf(site: Site, waits: Partial<typeof PATIENT> = PATIENT): Limiters {
  return { a: limiterOf(site.a, waits), b: limiterOf(site.b, waits) };
}

async function allowedOf(limiter: RateLimiter, times: number, budget = CHAT): Promise<number> {
  const decisions = await Promise.all(
    Array.from({ length: times }, () => limiter.consume(budget, CLIENT)),
  );
  return decisions.filter(({ isAllowed }) => isAllowed).length;
}

/** Asks one replica after the other, and returns how much each allowed. */
async function allowedOfBoth({ a, b }: Limiters, times: number, budget = CHAT) {
  return [await allowedOf(a, times, budget), await allowedOf(b, times, budget)];
}

async function callsOf(site: Site, command: string): Promise<number> {
  const stats = String(await site.redis.command("INFO", "commandstats"));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

/** The key of the only counter. */
async function counterIn(site: Site): Promise<string> {
  const keys = await site.redis.command("KEYS", "*:n:*");
  if (!Array.isArray(keys) || keys.length !== 1) throw new Error(`KEYS: ${keys}`);
  return String(keys[0]);
}

afterAll(cleanUp);

describe.skipIf(!hasRedis)("limiters of two replicas", () => {
  undisturbed(
    "share one budget, and send a flood to Redis no further than it reaches",
    async () => {
      await using site = await Site.start();
      const limiters = limitersOf(site);
      expect(await allowedOfBoth(limiters, 7)).toEqual([7, 3]);
      expect(await allowedOfBoth(limiters, 1000)).toEqual([0, 0]);
      // At each replica, no more than its own table lets through.
      expect(await callsOf(site, "evalsha")).toBeLessThanOrEqual(2 * (CHAT.maxRequests + 1));
    },
  );

  undisturbed("share the budgets of requests for a person", async () => {
    await using site = await Site.start();
    const limiters = limitersOf(site);
    for (const name of ["requests", "session-requests"] as const) {
      expect(await allowedOfBoth(limiters, 7, { ...CHAT, name })).toEqual([7, 3]);
    }
  });

  undisturbed("keep the counts of their connections and log lines to themselves", async () => {
    await using site = await Site.start();
    const limiter = limiterOf(site.a);
    for (const name of ["unbudgeted", "origins"] as const) {
      expect(await allowedOf(limiter, 20, { ...CHAT, name })).toBe(10);
    }
    expect(await callsOf(site, "evalsha")).toBe(0);
  });

  undisturbed("leave no address in Redis, and no count beyond its window", async () => {
    await using site = await Site.start();
    await allowedOf(limiterOf(site.a), 3);
    const key = await counterIn(site);
    expect(key).toMatch(/^chatporch:[\w-]{12}:n:[\w-]{20}$/);
    expect(await site.redis.command("GET", key)).toBe("3");
    const left = Number(await site.redis.command("PTTL", key));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(CHAT.windowMs);
  });

  undisturbed("end a window that the clock of Redis would prolong", async () => {
    await using site = await Site.start();
    const limiter = limiterOf(site.a);
    await allowedOf(limiter, 1);
    await site.redis.command("PEXPIRE", await counterIn(site), "86400000");
    expect((await limiter.consume(CHAT, CLIENT)).resetMs).toBeLessThanOrEqual(CHAT.windowMs);
  });

  undisturbed(
    "count for themselves while Redis is silent, and make no request wait twice",
    async () => {
      await using site = await Site.start();
      // They wait as long as they do by default.
      const limiters = limitersOf(site, {});
      site.proxy.silence();
      let stopwatch = startStopwatch();
      expect(await allowedOf(limiters.a, 2)).toBe(2);
      expect(stopwatch()).toBeLessThan(350);
      stopwatch = startStopwatch();
      // Each after the other, until the connection is given up, and beyond that.
      for (let n = 0; n < 300; n++) await limiters.a.consume(CHAT, CLIENT);
      expect(stopwatch()).toBeLessThan(1000);
      expect(await allowedOfBoth(limiters, 20)).toEqual([0, 10]);
      await until(() => !site.a.bus.isUp);
      stopwatch = startStopwatch();
      await allowedOf(limiters.a, 300, ADMIN);
      expect(stopwatch()).toBeLessThan(1000);
      await site.proxy.heal();
      await site.up();
      expect(await allowedOfBoth(limiters, 7, LOGIN)).toEqual([7, 3]);
    },
  );

  undisturbed(
    "share again after Redis was killed and knows neither counts nor script",
    async () => {
      await using site = await Site.start();
      const limiters = limitersOf(site);
      expect(await allowedOfBoth(limiters, 5)).toEqual([5, 5]);
      await site.redis.kill();
      await site.down();
      // What was over stays over; no request fails.
      expect(await allowedOfBoth(limiters, 5)).toEqual([5, 0]);
      await site.redis.start();
      await site.up();
      expect(await allowedOfBoth(limiters, 7, LOGIN)).toEqual([7, 3]);
    },
  );

  undisturbed("count for themselves while Redis is full, and never fail", async () => {
    await using site = await Site.start();
    const limiters = limitersOf(site);
    await site.redis.command("CONFIG", "SET", "maxmemory", "1");
    expect(await allowedOfBoth(limiters, 20)).toEqual([10, 10]);
    await until(() => site.a.bus.writer === undefined);
    const before = await callsOf(site, "evalsha");
    expect(await allowedOf(limiters.a, 20, ADMIN)).toBe(10);
    expect(await callsOf(site, "evalsha")).toBe(before);
  });
});
