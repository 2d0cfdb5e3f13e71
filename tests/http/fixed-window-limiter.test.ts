import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";

import { createFixedWindowLimiter } from "../../src/http/fixed-window-limiter.ts";
import type { RateLimitBudget } from "../../src/http/rate-limiter.ts";
import type { Networks } from "../../src/net/client-networks.ts";
import { FakeClock } from "../support/fake-clock.ts";

const CHAT: RateLimitBudget = { name: "chat", maxRequests: 3, windowMs: 60_000 };

/** A client that is counted only under its address. */
function at(address: string): Networks {
  return [{ name: address, share: 1 }];
}

function createLimiter(setCount = 8) {
  const clock = new FakeClock();
  return { clock, limiter: createFixedWindowLimiter({ now: clock.now, seed: 1n, setCount }) };
}

describe("an address under the limiter", () => {
  test("begins a window with its first request and is told when it ends", async () => {
    const { limiter, clock } = createLimiter();
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).resetMs).toBe(60_000);
    clock.advance(59_999);
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).resetMs).toBe(1);
  });

  test("is free again the moment its window has ended, not before", async () => {
    const { limiter, clock } = createLimiter();
    for (let i = 0; i < 4; i++) await limiter.consume(CHAT, at("192.0.2.1"));
    clock.advance(59_999);
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).isAllowed).toBe(false);
    clock.advance(1);
    expect(await limiter.consume(CHAT, at("192.0.2.1"))).toEqual({
      isAllowed: true,
      maxRequests: 3,
      remaining: 2,
      resetMs: 60_000,
      usedShare: 1 / 3,
    });
  });

  test("is not locked out for longer than a window when the clock is set back", async () => {
    const { limiter, clock } = createLimiter();
    for (let i = 0; i < 4; i++) await limiter.consume(CHAT, at("192.0.2.1"));
    clock.advance(-24 * 60 * 60 * 1000);
    const decision = await limiter.consume(CHAT, at("192.0.2.1"));
    expect(decision.resetMs).toBeLessThanOrEqual(60_000);
    clock.advance(60_000);
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).isAllowed).toBe(true);
  });

  test("stays limited when the clock is set back by less than its window lasts", async () => {
    const { limiter, clock } = createLimiter();
    await limiter.consume(CHAT, at("192.0.2.1"));
    clock.advance(30_000);
    for (let i = 0; i < 3; i++) await limiter.consume(CHAT, at("192.0.2.1"));
    clock.advance(-20_000);
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).isAllowed).toBe(false);
  });
});

test("budgets of different windows do not free each other's addresses", async () => {
  const { limiter } = createLimiter(1);
  const brief: RateLimitBudget = { name: "login", maxRequests: 3, windowMs: 1000 };
  const long: RateLimitBudget = { name: "origins", maxRequests: 3, windowMs: 3_600_000 };
  for (let n = 0; n < 4; n++) {
    await limiter.consume(CHAT, at("192.0.2.1"));
    await limiter.consume(long, at("192.0.2.1"));
  }
  for (let n = 0; n < 100; n++) await limiter.consume(brief, at(`198.51.100.${n}`));
  for (const budget of [CHAT, long]) {
    expect((await limiter.consume(budget, at("192.0.2.1"))).isAllowed).toBe(false);
  }
});

describe("many addresses under the limiter", () => {
  test("do not disturb each other", async () => {
    const { limiter } = createLimiter(64);
    for (let i = 0; i < 4; i++) await limiter.consume(CHAT, at("192.0.2.1"));
    for (let i = 2; i < 200; i++) {
      expect((await limiter.consume(CHAT, at(`192.0.2.${i}`))).remaining).toBe(2);
    }
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).isAllowed).toBe(false);
  });

  test("do not free one that has reached its limit, however full the table is", async () => {
    const { limiter } = createLimiter(1);
    for (let i = 0; i < 4; i++) await limiter.consume(CHAT, at("192.0.2.1"));
    for (let i = 0; i < 10_000; i++) await limiter.consume(CHAT, at(`10.0.${i >> 8}.${i & 0xff}`));
    expect((await limiter.consume(CHAT, at("192.0.2.1"))).isAllowed).toBe(false);
  });

  test("leave no trace once their windows have ended", async () => {
    const { limiter, clock } = createLimiter(1);
    for (let i = 0; i < 16; i++) {
      for (let n = 0; n < 4; n++) await limiter.consume(CHAT, at(`192.0.2.${i}`));
    }
    clock.advance(60_000);
    expect((await limiter.consume(CHAT, at("198.51.100.1"))).remaining).toBe(2);
  });
});

test("the limiter takes memory for the addresses that it counts, not for all that it could count", async () => {
  const before = keptBytes();
  const limiter = createFixedWindowLimiter({ now: Date.now, seed: 1n });
  for (let i = 0; i < 20; i++) await limiter.consume(CHAT, at(`192.0.2.${i}`));
  expect(keptBytes() - before).toBeLessThan(2 * 1024 * 1024);
  // Without this use, the table could already have been collected.
  expect((await limiter.consume(CHAT, at("192.0.2.1"))).remaining).toBe(1);
});

/** Memory outside of the heap that objects keep, such as that of large arrays. The collector finds it out. */
function keptBytes(): number {
  Bun.gc(true);
  return heapStats().extraMemorySize;
}

/** Runs in a process of its own, so that only the limiter's memory is measured. */
const FLOOD = `
  const { createFixedWindowLimiter } = await import(process.argv[1]);
  const budget = { name: "chat", maxRequests: 3, windowMs: 60_000 };
  const isAllowed = async (limiter, client) => (await limiter.consume(budget, [{ name: client, share: 1 }])).isAllowed;
  async function flood(limiter) {
    for (let i = 0; i < 1_000_000; i++) {
      const name = "2001.db8." + (i >> 8) + "." + (i & 255) + "/64";
      await limiter.consume(budget, [{ name, share: 1 }]);
    }
    // The runtime returns what it has freed a moment later.
    let rss = Infinity;
    for (let looks = 0; looks < 20; looks++) {
      Bun.gc(true);
      await Bun.sleep(20);
      rss = Math.min(rss, process.memoryUsage().rss);
    }
    return rss;
  }
  const now = () => 1_800_000_000_000;
  // The same work runs on a tiny table first, so that the runtime's own memory is not counted.
  const before = await flood(createFixedWindowLimiter({ now, seed: 1n, setCount: 1 }));
  const limiter = createFixedWindowLimiter({ now, seed: 2n });
  for (let i = 0; i < 4; i++) await isAllowed(limiter, "192.0.2.1");
  const after = await flood(limiter);
  console.log(JSON.stringify({
    grownBytes: after - before,
    isVictimAllowed: await isAllowed(limiter, "192.0.2.1"),
  }));
`;

test("a million addresses take less than 32 MB, and free nobody who is at the limit", async () => {
  const path = new URL("../../src/http/fixed-window-limiter.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, "-e", FLOOD, path], { stderr: "inherit" });
  const { grownBytes, isVictimAllowed } = JSON.parse(await new Response(child.stdout).text());
  expect(await child.exited).toBe(0);
  expect(isVictimAllowed).toBe(false);
  expect(grownBytes).toBeLessThan(32 * 1024 * 1024);
  // With less than this the table would not exist, and the measurement would prove nothing.
  expect(grownBytes).toBeGreaterThan(8 * 1024 * 1024);
}, 30_000);
