import type { Network, Networks } from "../net/client-networks.ts";
import type { RateLimitBudget, RateLimitDecision, RateLimiter } from "./rate-limiter.ts";

/** The slots of one set. An address may be counted in any of them. Sixteen tags fill one cache line. */
const SLOTS_PER_SET = 16;
/** 98304 sets × 16 slots × 16 bytes = 25 MB when full, for 1.5 million addresses at once. */
const SET_COUNT = 98_304;

interface FixedWindowLimiterOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seeds the hash, so that attackers cannot choose addresses that fall into one set. */
  readonly seed: bigint;
  readonly setCount?: number;
}

/**
 * Counts requests in fixed windows. Each window begins with the first request of an address. The table is
 * set-associative and never grows, so memory is bounded for any number of addresses. When a set is full, the
 * address with the fewest requests is forgotten, so a flood of new addresses cannot free an address that has
 * reached its limit.
 */
export function createFixedWindowLimiter(options: FixedWindowLimiterOptions) {
  const setCount = options.setCount ?? SET_COUNT;
  const size = setCount * SLOTS_PER_SET;
  // Typed arrays instead of objects, because their untouched pages take no memory.
  const tags = new Uint32Array(size);
  const counts = new Uint32Array(size);
  const windowEnds = new Float64Array(size);
  /** The longest window of the budgets used so far. A slot is in use while such a window could be open. */
  let longestWindowMs = 0;

  /** Finds the slot for the address: its own, else a free one, else the least active one. */
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

  function slotOf(budget: RateLimitBudget, { name }: Network, now: number): number {
    const hash = Bun.hash.wyhash(`${budget.name} ${name}`, options.seed);
    const first = (Number(hash >> 32n) % setCount) * SLOTS_PER_SET;
    return findSlot(first, Number(hash & 0xffffffffn), now, budget.windowMs);
  }

  function count(budget: RateLimitBudget, network: Network, now: number) {
    const slot = slotOf(budget, network, now);
    const maxRequests = budget.maxRequests * network.share;
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
        // A request that one network is refused does not count for the wider networks, which others share.
        if (!decision.isAllowed) return decision;
        if (decision.remaining < tightest.remaining) tightest = decision;
      }
      return tightest;
    },

    /** Replaces what was counted for a network by what was counted elsewhere. */
    adopt(budget: RateLimitBudget, network: Network, counted: CountedElsewhere): void {
      const now = options.now();
      const slot = slotOf(budget, network, now);
      counts[slot] = Math.min(counted.count, budget.maxRequests * network.share + 1);
      windowEnds[slot] = now + counted.resetMs;
    },
  } satisfies RateLimiter & { readonly adopt: unknown };
}

interface CountedElsewhere {
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** The decision before the client is counted under its first network. */
const UNCOUNTED = { isAllowed: true, maxRequests: 0, remaining: Number.MAX_VALUE, resetMs: 0 };

/** A window that ends later than one length from now was opened before the clock was set back. */
function isWindowOpen(end: number, now: number, windowMs: number): boolean {
  return now < end && end - now <= windowMs;
}
