import { RedisClient } from "bun";

import { hasRedis, type RedisServer, startRedis } from "../../harness/redis.ts";
import { createFixedWindowLimiter } from "../../src/http/fixed-window-limiter.ts";
import type { RateLimiter } from "../../src/http/rate-limiter.ts";
import { createSharedLimiter } from "../../src/http/shared-limiter.ts";
import { createRedisCounters } from "../../src/peers/redis/counters.ts";
import { createRedisNames } from "../../src/peers/redis/names.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A limiter, with its clock in the test's hands. */
export interface LimiterUnderTest {
  readonly limiter: RateLimiter;
  advance(ms: number): Promise<void>;
}

interface LimiterKind {
  readonly name: string;
  readonly isHere: boolean;
  start(): Promise<void>;
  /** A limiter that has counted nothing yet. */
  create(): Promise<LimiterUnderTest>;
  stop(): Promise<void>;
}

export const LOCAL: LimiterKind = {
  name: "of one process",
  isHere: true,
  start: async () => {},
  async create() {
    const clock = new FakeClock();
    const limiter = createFixedWindowLimiter({ now: clock.now, seed: 1n, setCount: 64 });
    return { limiter, advance: async (ms) => clock.advance(ms) };
  },
  stop: async () => {},
};

/** As if the time of all keys had gone by. */
const ADVANCE = `
for _, key in ipairs(redis.call("KEYS", "*")) do
  local left = redis.call("PTTL", key) - tonumber(ARGV[1])
  if left <= 0 then redis.call("DEL", key) else redis.call("PEXPIRE", key, left) end
end`;

const REPLICAS = 3;

/** The limiters of replicas that share a Redis server. Each request goes to the next replica. */
export const SHARED = createShared();

function createShared(): LimiterKind {
  let redis: RedisServer | undefined;
  let client: RedisClient | undefined;
  return {
    name: "that three replicas share",
    isHere: hasRedis,
    async start() {
      redis = await startRedis();
      client = new RedisClient(redis.url);
    },
    async create() {
      await client?.send("FLUSHALL", []);
      const clock = new FakeClock();
      const names = createRedisNames("secret");
      const limiters = Array.from({ length: REPLICAS }, (_, index) =>
        createSharedLimiter({
          own: createFixedWindowLimiter({ now: clock.now, seed: BigInt(index), setCount: 64 }),
          counters: createRedisCounters({ bus: { writer: client }, names }),
          // A busy machine may be slow, which is another test's subject.
          deadlineMs: 10_000,
        }),
      );
      let next = 0;
      return {
        limiter: {
          async consume(budget, networks) {
            const limiter = limiters[next++ % REPLICAS];
            if (!limiter) throw new Error("no replica");
            return limiter.consume(budget, networks);
          },
        },
        async advance(ms) {
          clock.advance(ms);
          await client?.send("EVAL", [ADVANCE, "0", `${ms}`]);
        },
      };
    },
    async stop() {
      client?.close();
      await redis?.stop();
    },
  };
}
