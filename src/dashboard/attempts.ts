import type { Config } from "../config/config.ts";
import { rateLimited } from "../errors.ts";
import { countRequest } from "../http/rate-limit.ts";
import type { RateLimiter } from "../http/rate-limiter.ts";
import { contextOf } from "../http/request-context.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { requireSameOrigin } from "./csrf.ts";
import type { Settable } from "./page.ts";

export interface AttemptsDeps {
  readonly config: Pick<Config, "limits">;
  readonly limiter: RateLimiter;
  readonly metrics: Pick<Metrics, "rateLimited">;
}

/**
 * The derive hook of the forms that anybody can send. Each one that is sent counts as an attempt to log in, before
 * anything in it is checked, so that many at once cannot evade the limit.
 * Throws AppError rate_limited or form_refused.
 */
export function limitAttempts(deps: AttemptsDeps) {
  return async ({ request, set }: { request: Request; set: Settable }) => {
    if (request.method !== "POST") return {};
    await countAttempt(request, deps, set);
    requireSameOrigin(request);
    return {};
  };
}

/**
 * Counts an attempt to log in.
 * @param set gets the headers that say how many are left
 * @throws AppError rate_limited
 */
export async function countAttempt(
  request: Request,
  { config, ...counting }: AttemptsDeps,
  set: Pick<Settable, "headers">,
): Promise<void> {
  const { maxLoginAttempts: maxRequests, rateLimitWindowMs: windowMs } = config.limits;
  const budget = { name: "login", maxRequests, windowMs } as const;
  const { networks } = contextOf(request);
  const { waitSeconds } = await countRequest(counting, budget, networks, set);
  if (waitSeconds !== undefined) throw rateLimited(waitSeconds);
}
