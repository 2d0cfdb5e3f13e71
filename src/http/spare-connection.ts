import type { RateLimitBudget, RateLimiter } from "./rate-limiter.ts";
import { contextOf } from "./request-context.ts";

/** Of requests that no budget holds back, an address may send so many before its connections are closed. */
const UNBUDGETED: RateLimitBudget = { name: "unbudgeted", maxRequests: 600, windowMs: 60 * 1000 };

interface Settable {
  headers: Record<string, string | number>;
}

/**
 * For a request that costs its client nothing: what no limit counts, and what is refused. Each keeps its
 * connection alive for another while, and one address could hold them all. Beyond the bound the answer is
 * the same, and ends its connection.
 */
export async function spareConnection(
  limiter: RateLimiter,
  request: Request,
  set: Settable,
): Promise<void> {
  const { isAllowed } = await limiter.consume(UNBUDGETED, contextOf(request).networks);
  if (!isAllowed) set.headers.connection = "close";
}
