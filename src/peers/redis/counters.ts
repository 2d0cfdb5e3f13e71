import type { RedisClient } from "bun";

import type { SharedCount, SharedCounters } from "../shared-counters.ts";
import type { RedisNames } from "./names.ts";

/**
 * Counts each key up to the first that is over its limit, and reads the others. ARGV: the window, then a limit
 * for each key. A time to live beyond the window is that of a server whose clock was set back.
 */
const SCRIPT = `
local window = tonumber(ARGV[1])
local isOver = false
local counts = {}
for index, key in ipairs(KEYS) do
  local count = isOver and tonumber(redis.call("GET", key) or 0) or redis.call("INCR", key)
  local left = redis.call("PTTL", key)
  if left < 0 or left > window then
    redis.call("PEXPIRE", key, window)
    left = window
  end
  counts[2 * index - 1] = count
  counts[2 * index] = left
  isOver = isOver or count > tonumber(ARGV[index + 1])
end
return counts`;
const SCRIPT_SHA = Bun.CryptoHasher.hash("sha1", SCRIPT, "hex");

interface RedisCountersOptions {
  /** Its writer is undefined while nothing can be counted. */
  readonly bus: { readonly writer: RedisClient | undefined };
  readonly names: Pick<RedisNames, "counterKeyOf">;
}

/** Counts in Redis, with one command for all counts of a request. */
export function createRedisCounters({ bus, names }: RedisCountersOptions): SharedCounters {
  return {
    get isUp() {
      return bus.writer !== undefined;
    },
    async add(windowMs, counted) {
      const client = bus.writer;
      if (!client) throw new Error("Redis is away");
      const args = [`${counted.length}`];
      for (const { name } of counted) args.push(names.counterKeyOf(name));
      args.push(`${windowMs}`);
      for (const { limit } of counted) args.push(`${limit}`);
      return countsIn(await run(client, args));
    },
  };
}

async function run(client: RedisClient, args: string[]): Promise<unknown> {
  try {
    return await client.send("EVALSHA", [SCRIPT_SHA, ...args]);
  } catch (error) {
    // A server that was started anew does not know the script. EVAL teaches it.
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return client.send("EVAL", [SCRIPT, ...args]);
  }
}

function countsIn(reply: unknown): SharedCount[] {
  if (!Array.isArray(reply)) throw new Error(`a reply that is no list: ${String(reply)}`);
  const counts: SharedCount[] = [];
  for (let index = 0; index < reply.length; index += 2) {
    counts.push({ count: Number(reply[index]), resetMs: Math.max(1, Number(reply[index + 1])) });
  }
  return counts;
}
