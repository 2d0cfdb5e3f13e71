import type { Network, Networks } from "../net/client-networks.ts";
import type { RateLimitBudget, RateLimitDecision, RateLimiter } from "./rate-limiter.ts";

/** Slots of one set: an address may be counted in any of them. Sixteen tags are one cache line. */
const SLOTS_PER_SET = 16;
/** 98304 sets × 16 slots × 16 bytes = 25 MB when full, for 1.5 million addresses at once. */
const SET_COUNT = 98_304;

interface FixedWindowLimiterOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seeds the hash, so that nobody outside can choose addresses that fall into one set. */
  readonly seed: bigint;
  readonly setCount?: number;
}

/**
 * Counts requests in fixed windows, each beginning with an address's first request. The table is
 * set-associative and never grows: memory is bounded whatever the number of addresses. When a set is
 * full, the live address with the fewest requests is forgotten, so a flood of new addresses cannot
 * free one that has reached its limit.
 */
export function createFixedWindowLimiter(options: FixedWindowLimiterOptions): RateLimiter {
  const setCount = options.setCount ?? SET_COUNT;
  const size = setCount * SLOTS_PER_SET;
  // Parallel arrays instead of objects: untouched pages of a typed array cost no memory at all.
  const tags = new Uint32Array(size);
  const counts = new Uint32Array(size);
  const windowEnds = new Float64Array(size);
  /** Of the budgets seen: a slot is another's while its window may be open by any of them. */
  let longestWindowMs = 0;

  /** The slot that counts the address now: its own, else a free one, else the least active one. */
  function findSlot(first: number, tag: number, now: number, windowMs: number): number {
    longestWindowMs = Math.max(longestWindowMs, windowMs);
    let replaceable = first;
    let fewest = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + SLOTS_PER_SET; slot++) {
      const end = windowEnds[slot] ?? 0;
      if (tags[slot] === tag) {
        if (isWindowOpen(end, now, windowMs)) return slot;
        replaceable = slot;
        break;
      }
      const activity = isWindowOpen(end, now, longestWindowMs) ? (counts[slot] ?? 0) : -1;
      if (activity < fewest) {
        fewest = activity;
        replaceable = slot;
      }
    }
    tags[replaceable] = tag;
    counts[replaceable] = 0;
    windowEnds[replaceable] = now + windowMs;
    return replaceable;
  }

  function count(budget: RateLimitBudget, { name, share }: Network, now: number) {
    const hash = Bun.hash.wyhash(`${budget.name} ${name}`, options.seed);
    const first = (Number(hash >> 32n) % setCount) * SLOTS_PER_SET;
    const slot = findSlot(first, Number(hash & 0xffffffffn), now, budget.windowMs);
    const maxRequests = budget.maxRequests * share;
    const requests = Math.min((counts[slot] ?? 0) + 1, maxRequests + 1);
    counts[slot] = requests;
    return {
      isAllowed: requests <= maxRequests,
      maxRequests,
      remaining: Math.max(0, maxRequests - requests),
      resetMs: (windowEnds[slot] ?? now) - now,
    };
  }

  return {
    async consume(budget: RateLimitBudget, networks: Networks): Promise<RateLimitDecision> {
      const now = options.now();
      let tightest: RateLimitDecision = UNCOUNTED;
      for (const network of networks) {
        const decision = count(budget, network, now);
        // What is refused to a network is not counted against the wider ones: others are in them, too.
        if (!decision.isAllowed) return decision;
        if (decision.remaining < tightest.remaining) tightest = decision;
      }
      return tightest;
    },
  };
}

/** Before a client is counted under its first network. */
const UNCOUNTED = { isAllowed: true, maxRequests: 0, remaining: Number.MAX_VALUE, resetMs: 0 };

/** A window that ends further away than its length was opened before the clock was set back. */
function isWindowOpen(end: number, now: number, windowMs: number): boolean {
  return now < end && end - now <= windowMs;
}
