import type { Network, Networks } from "../net/client-networks.ts";
import {
  decide,
  type RateLimitBudget,
  type RateLimitDecision,
  type RateLimiter,
  type WindowCount,
} from "./rate-limiter.ts";

/** The slots of one set. An address may be counted in any of them. Sixteen tags fill one cache line. */
const SLOTS_PER_SET = 16;
/** 98304 sets × 16 slots × 16 bytes = 25 MB when full, for 1.5 million addresses at once. */
const SET_COUNT = 98_304;
/** Neighbouring sets are created together: 64 sets take 16 kB. */
const SETS_PER_GROUP = 64;

interface FixedWindowLimiterOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seeds the hash, so that attackers cannot choose addresses that fall into one set. */
  readonly seed: bigint;
  readonly setCount?: number;
}

/** Neighbouring sets. A slot has the same index in all three arrays. */
interface Group {
  readonly tags: Uint32Array;
  readonly counts: Uint32Array;
  /** Milliseconds since the epoch. */
  readonly windowEnds: Float64Array;
}

/** Where an address is counted. */
interface Place {
  readonly group: Group;
  readonly slot: number;
}

/**
 * Counts requests in fixed windows. Each window begins with the first request of an address. The table is
 * set-associative and never grows, so memory is bounded for any number of addresses. When a set is full, the
 * address with the fewest requests is forgotten, so a flood of new addresses cannot free an address that has
 * reached its limit.
 */
export function createFixedWindowLimiter(options: FixedWindowLimiterOptions) {
  const setCount = options.setCount ?? SET_COUNT;
  // Each group is created when the first address falls into it. Three arrays for all of the sets would not do:
  // where the allocator reuses memory, it clears it, and 6 to 25 MB would be taken before the first request.
  const groups = Array.from<Group | undefined>({ length: Math.ceil(setCount / SETS_PER_GROUP) });
  /** The longest window of the budgets used so far. A slot is in use while such a window could be open. */
  let longestWindowMs = 0;

  /** Finds the slot for the address: its own, else a free one, else the least active one. */
  function findSlot(
    { tags, counts, windowEnds }: Group,
    { first, tag, now, windowMs }: Sought,
  ): number {
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

  function placeOf(
    { name: budget, windowMs }: RateLimitBudget,
    { name }: Network,
    now: number,
  ): Place {
    const hash = Bun.hash.wyhash(`${budget} ${name}`, options.seed);
    const set = Number(hash >> 32n) % setCount;
    const group = (groups[Math.floor(set / SETS_PER_GROUP)] ??= createGroup());
    const first = (set % SETS_PER_GROUP) * SLOTS_PER_SET;
    const slot = findSlot(group, { first, tag: Number(hash & 0xffffffffn), now, windowMs });
    return { group, slot };
  }

  function count(budget: RateLimitBudget, network: Network, now: number) {
    const { group, slot } = placeOf(budget, network, now);
    const { counts, windowEnds } = group;
    const maxRequests = budget.maxRequests * network.share;
    const requests = Math.min((counts[slot] ?? 0) + 1, maxRequests + 1);
    counts[slot] = requests;
    return decide(maxRequests, { count: requests, resetMs: (windowEnds[slot] ?? now) - now });
  }

  return {
    async consume(budget: RateLimitBudget, networks: Networks): Promise<RateLimitDecision> {
      const now = options.now();
      let tightest: RateLimitDecision = UNCOUNTED;
      let usedShare = 0;
      for (const network of networks) {
        const decision = count(budget, network, now);
        // A request that one network is refused does not count for the wider networks, which others share.
        if (!decision.isAllowed) return decision;
        if (decision.remaining < tightest.remaining) tightest = decision;
        usedShare = Math.max(usedShare, decision.usedShare);
      }
      return { ...tightest, usedShare };
    },

    /** Replaces what was counted for a network by what was counted elsewhere. */
    adopt(budget: RateLimitBudget, network: Network, counted: WindowCount): void {
      const now = options.now();
      const { group, slot } = placeOf(budget, network, now);
      group.counts[slot] = Math.min(counted.count, budget.maxRequests * network.share + 1);
      group.windowEnds[slot] = now + counted.resetMs;
    },
  } satisfies RateLimiter & { readonly adopt: unknown };
}

/** An address that is looked for in a set. */
interface Sought {
  /** The first slot of the set. */
  readonly first: number;
  readonly tag: number;
  readonly now: number;
  readonly windowMs: number;
}

function createGroup(): Group {
  const size = SETS_PER_GROUP * SLOTS_PER_SET;
  return {
    tags: new Uint32Array(size),
    counts: new Uint32Array(size),
    windowEnds: new Float64Array(size),
  };
}

/** The decision before the client is counted under its first network. */
const UNCOUNTED: RateLimitDecision = {
  isAllowed: true,
  maxRequests: 0,
  remaining: Number.MAX_VALUE,
  resetMs: 0,
  usedShare: 0,
};

/** A window that ends later than one length from now was opened before the clock was set back. */
function isWindowOpen(end: number, now: number, windowMs: number): boolean {
  return now < end && end - now <= windowMs;
}
