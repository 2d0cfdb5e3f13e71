import type { Networks } from "../net/client-networks.ts";

/** How many requests one address may make in one window. */
export interface RateLimitBudget {
  /** The name in RateLimit-Policy. Each name counts its addresses separately. */
  readonly name:
    | "chat"
    | "admin"
    | "login"
    | "origins"
    | "requests"
    | "session-requests"
    | "proofs"
    | "unbudgeted";
  readonly maxRequests: number;
  readonly windowMs: number;
}

export interface RateLimitDecision {
  readonly isAllowed: boolean;
  /** The limit of the network that is nearest to its limit. */
  readonly maxRequests: number;
  /** How many requests of that limit are left in the window. Never below 0. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
  /** How much of its limit that network has used which has used the most of it. Above 0, at most 1. */
  readonly usedShare: number;
}

/** The seam to the place where requests are counted. A store that several processes share may come later. */
export interface RateLimiter {
  /** Counts one request of a client against the budget of each of its networks. */
  consume(budget: RateLimitBudget, networks: Networks): Promise<RateLimitDecision>;
}

/** How often a network was counted in its window. */
export interface WindowCount {
  readonly count: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** What the count of one network means for the request that was counted last. */
export function decide(maxRequests: number, { count, resetMs }: WindowCount): RateLimitDecision {
  const remaining = Math.max(0, maxRequests - count);
  const usedShare = Math.min(1, count / maxRequests);
  return { isAllowed: count <= maxRequests, maxRequests, remaining, resetMs, usedShare };
}
