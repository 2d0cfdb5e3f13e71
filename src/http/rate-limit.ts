import { Elysia } from "elysia";

import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import type { RateLimitBudget, RateLimiter } from "./rate-limiter.ts";
import { contextOf } from "./request-context.ts";

interface RateLimitDeps {
  readonly config: Pick<Config, "rateLimitMaxRequests" | "rateLimitWindowMs">;
  readonly limiter: RateLimiter;
}

/** Asked by machines that watch the server, or cached by browsers; they neither cost nor reveal much. */
const UNLIMITED_PATHS = /^\/(?:health|ready|widget\/.*|dashboard\/assets\/.*)?$/;
const ADMIN_PATHS = /^\/(?:v1\/admin|dashboard)(?:\/|$)/;

/**
 * Counts every request, good, unauthorized or malformed, before its body is read. What is not known
 * to be harmless counts as chat, so an unknown or oddly written path is no way around the limit.
 */
export function rateLimit({ config, limiter }: RateLimitDeps) {
  const limits = { maxRequests: config.rateLimitMaxRequests, windowMs: config.rateLimitWindowMs };
  const chat: RateLimitBudget = { name: "chat", ...limits };
  const admin: RateLimitBudget = { name: "admin", ...limits };

  return new Elysia({ name: "rate-limit" }).onRequest(async ({ request, set }) => {
    const { path, client } = contextOf(request);
    if (UNLIMITED_PATHS.test(path)) return;
    const budget = ADMIN_PATHS.test(path) ? admin : chat;
    await countRequest(limiter, budget, client, set);
  });
}

/**
 * Counts a request of the client and says in the answer's headers what is left of the budget.
 * @throws AppError rate_limited
 */
export async function countRequest(
  limiter: RateLimiter,
  budget: RateLimitBudget,
  client: string,
  set: { headers: Record<string, string | number> },
): Promise<void> {
  const decision = await limiter.consume(budget, client);
  const resetSeconds = Math.ceil(decision.resetMs / 1000);
  const windowSeconds = Math.ceil(budget.windowMs / 1000);
  set.headers["ratelimit-policy"] = `"${budget.name}";q=${budget.maxRequests};w=${windowSeconds}`;
  set.headers.ratelimit = `"${budget.name}";r=${decision.remaining};t=${resetSeconds}`;
  if (decision.isAllowed) return;
  throw new AppError("rate_limited", { headers: { "retry-after": String(resetSeconds) } });
}
