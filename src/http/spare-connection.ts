import type { RateLimitBudget, RateLimiter } from "./rate-limiter.ts";
import { contextOf } from "./request-context.ts";

/** How many requests without a budget one address may send before its connections are closed. */
const UNBUDGETED: RateLimitBudget = { name: "unbudgeted", maxRequests: 600, windowMs: 60 * 1000 };

interface Settable {
  headers: Record<string, string | number>;
}

/**
 * Counts a request that costs its client nothing, because it is refused or no limit counts it. Each such request
 * keeps its connection alive, so one address could occupy all connections. Beyond the limit, the answer is the
 * same but closes its connection.
 */
export async function spareConnection(
  limiter: RateLimiter,
  request: Request,
  set: Settable,
): Promise<void> {
  const { isAllowed } = await limiter.consume(UNBUDGETED, contextOf(request).networks);
  if (!isAllowed) set.headers.connection = "close";
}
