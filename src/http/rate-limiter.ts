/** What one address may do in one window. */
export interface RateLimitBudget {
  /** Name shown to clients in RateLimit-Policy, and the namespace its addresses are counted in. */
  readonly name: "chat" | "admin" | "login";
  readonly maxRequests: number;
  readonly windowMs: number;
}

export interface RateLimitDecision {
  readonly isAllowed: boolean;
  /** Requests left in the window, never below 0. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** The seam to where requests are counted; a shared store for several processes may come later. */
export interface RateLimiter {
  /** Counts one request of the client against the budget. */
  consume(budget: RateLimitBudget, client: string): Promise<RateLimitDecision>;
}
