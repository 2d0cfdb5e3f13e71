import type { Networks } from "../net/client-networks.ts";

/** What one address may do in one window. */
export interface RateLimitBudget {
  /** Name shown to clients in RateLimit-Policy, and the namespace its addresses are counted in. */
  readonly name: "chat" | "admin" | "login" | "origins" | "unbudgeted";
  readonly maxRequests: number;
  readonly windowMs: number;
}

export interface RateLimitDecision {
  readonly isAllowed: boolean;
  /** What the network that is nearest to its limit may do in a window. */
  readonly maxRequests: number;
  /** Requests left of that in the window, never below 0. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** The seam to where requests are counted; a shared store for several processes may come later. */
export interface RateLimiter {
  /** Counts one request of a client against the budget of each of its networks. */
  consume(budget: RateLimitBudget, networks: Networks): Promise<RateLimitDecision>;
}
