import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import fc from "fast-check";

import type {
  RateLimitBudget,
  RateLimitDecision,
  RateLimiter,
} from "../../src/http/rate-limiter.ts";
import type { Networks } from "../../src/net/client-networks.ts";
import "../property-seed.ts";
import { type LimiterUnderTest, LOCAL, SHARED } from "./limiters.ts";

/** What every limiter does. */

const WINDOW_MS = 60_000;
const CHAT: RateLimitBudget = { name: "chat", maxRequests: 3, windowMs: WINDOW_MS };
const ADMIN: RateLimitBudget = { ...CHAT, name: "admin" };

/** A client that is counted only under its address. */
function at(address: string): Networks {
  return [{ name: address, share: 1 }];
}

async function consumeTimes(
  limiter: RateLimiter,
  times: number,
  networks: Networks = at("192.0.2.1"),
): Promise<RateLimitDecision[]> {
  const decisions = [];
  for (let n = 0; n < times; n++) decisions.push(await limiter.consume(CHAT, networks));
  return decisions;
}

for (const kind of [LOCAL, SHARED]) {
  describe.skipIf(!kind.isHere)(`a limiter ${kind.name}`, () => {
    let limiter: RateLimiter;
    let advance: LimiterUnderTest["advance"];

    beforeAll(() => kind.start());
    beforeEach(async () => {
      ({ limiter, advance } = await kind.create());
    });
    afterAll(() => kind.stop());

    test("allows an address as many requests as the budget says, and says how many are left", async () => {
      const decisions = await consumeTimes(limiter, 5);
      expect(decisions.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false, false]);
      expect(decisions.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
      expect(decisions.map(({ maxRequests }) => maxRequests)).toEqual([3, 3, 3, 3, 3]);
    });

    test("allows exactly as many of those that come at the same time", async () => {
      const decisions = await Promise.all(
        Array.from({ length: 100 }, () => limiter.consume(CHAT, at("192.0.2.1"))),
      );
      expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(3);
    });

    test("begins a window with the first request of an address, and says when it ends", async () => {
      const [first] = await consumeTimes(limiter, 1);
      await advance(40_000);
      const [second] = await consumeTimes(limiter, 1);
      for (const [decision, expected] of [
        [first, WINDOW_MS],
        [second, WINDOW_MS - 40_000],
      ] as const) {
        expect(decision?.resetMs).toBeLessThanOrEqual(expected);
        expect(decision?.resetMs).toBeGreaterThan(expected - 1000);
      }
    });

    test("frees an address when its window has ended, not before", async () => {
      await consumeTimes(limiter, 4);
      await advance(WINDOW_MS - 1000);
      expect(await consumeTimes(limiter, 3)).toMatchObject([
        { isAllowed: false },
        { isAllowed: false },
        { isAllowed: false },
      ]);
      await advance(1000);
      expect(await consumeTimes(limiter, 1)).toMatchObject([{ isAllowed: true, remaining: 2 }]);
    });

    test("does not prolong the window of an address that asks while it is limited", async () => {
      for (let second = 0; second < 60; second++) {
        await consumeTimes(limiter, 1);
        await advance(1000);
      }
      expect(await consumeTimes(limiter, 1)).toMatchObject([{ isAllowed: true }]);
    });

    test("has a budget for each name", async () => {
      await consumeTimes(limiter, 6);
      expect(await limiter.consume(ADMIN, at("192.0.2.1"))).toMatchObject({ remaining: 2 });
      expect(await consumeTimes(limiter, 1)).toMatchObject([{ isAllowed: false }]);
    });

    test("limits a client of several networks by the one that reaches its limit first", async () => {
      const seen = [];
      for (let n = 0; n < 14; n++) {
        seen.push(await limiter.consume(CHAT, [narrow(n), wide(1)]));
      }
      expect(seen.map(({ isAllowed }) => isAllowed)).toEqual([
        ...Array.from({ length: 12 }, () => true),
        false,
        false,
      ]);
      expect(seen.map(({ remaining, maxRequests }) => [remaining, maxRequests])).toEqual([
        ...Array.from({ length: 10 }, () => [2, 3]),
        [1, 12],
        [0, 12],
        [0, 12],
        [0, 12],
      ]);
    });

    test("says how much of its limit the network has used which has used the most of it", async () => {
      const wide = { name: "2001:db8::/48", share: 2 };
      const home = [{ name: "2001:db8::/64", share: 1 }, wide] as const;
      const office = [{ name: "2001:db8:0:1::/64", share: 1 }, wide] as const;
      const shares = (decisions: readonly RateLimitDecision[]) =>
        decisions.map(({ usedShare }) => usedShare);
      expect(shares(await consumeTimes(limiter, 2, home))).toEqual([1 / 3, 2 / 3]);
      expect(shares(await consumeTimes(limiter, 3, office))).toEqual([3 / 6, 4 / 6, 1]);
      expect(shares(await consumeTimes(limiter, 1, home))).toEqual([1]);
    });

    test("takes nothing from a client's neighbours for requests that are refused", async () => {
      await consumeTimes(limiter, 1000, [narrow(1), wide(1)]);
      const neighbour = await limiter.consume(CHAT, [narrow(2), wide(1)]);
      expect(neighbour).toMatchObject({ isAllowed: true, remaining: 2 });
    });
  });
}

const narrow = (n: number) => ({ name: `narrow ${n}`, share: 1 });
const wide = (n: number) => ({ name: `wide ${n}`, share: 4 });

describe.skipIf(!SHARED.isHere)("three replicas together", () => {
  beforeAll(() => SHARED.start());
  afterAll(() => SHARED.stop());

  test("decide like a single one, whatever comes when", async () => {
    const step = fc.oneof(
      { weight: 12, arbitrary: fc.nat(3) },
      { weight: 1, arbitrary: fc.constant("20 s go by" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120 }), async (steps) => {
        const [one, three] = await Promise.all([LOCAL.create(), SHARED.create()]);
        const decide = async ({ limiter }: LimiterUnderTest, client: number) => {
          const { resetMs: _, ...decision } = await limiter.consume(CHAT, at(`192.0.2.${client}`));
          return decision;
        };
        for (const each of steps) {
          if (each === "20 s go by") {
            await Promise.all([one.advance(20_000), three.advance(20_000)]);
          } else {
            expect(await decide(three, each)).toEqual(await decide(one, each));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("refuse a client if one of its networks has had its budget, and only then", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { minLength: 40, maxLength: 80 }), async (clients) => {
        const { limiter } = await SHARED.create();
        const allowed = new Map<string, number>();
        for (const client of clients) {
          const networks: Networks = [
            { name: `narrow ${client}`, share: 1 },
            { name: `wide ${client % 2}`, share: 2 },
          ];
          const hasRoom = networks.every(
            ({ name, share }) => (allowed.get(name) ?? 0) < CHAT.maxRequests * share,
          );
          expect((await limiter.consume(CHAT, networks)).isAllowed).toBe(hasRoom);
          for (const { name } of hasRoom ? networks : []) {
            allowed.set(name, (allowed.get(name) ?? 0) + 1);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
