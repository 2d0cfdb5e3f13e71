import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { rateLimited } from "../errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Networks } from "../net/client-networks.ts";
import { derived } from "../runtime/derived.ts";
import type { RateLimitBudget, RateLimitDecision, RateLimiter } from "./rate-limiter.ts";
import { discard } from "./read-body.ts";
import { contextOf } from "./request-context.ts";
import { spareConnection } from "./spare-connection.ts";

interface CountingDeps {
  readonly limiter: RateLimiter;
  readonly metrics: Pick<Metrics, "rateLimited">;
}

interface RateLimitDeps extends CountingDeps {
  readonly config: Pick<Config, "limits">;
}

/** Whether a budget counts the request. Preflights, which browsers send by themselves, do not count. */
export function isCounted(request: Request): boolean {
  return request.method !== "OPTIONS" && contextOf(request).area.budget !== undefined;
}

/** Requests over their budget, with the seconds that the client has to wait. */
const excess = new WeakMap<Request, number>();

/**
 * Counts every request before its body is read, even if it is unauthorized, malformed or from a refused
 * origin.
 */
export function countRequests({ config, ...deps }: RateLimitDeps) {
  const budgets = derived(() => config.limits, createBudgets);

  return new Elysia({ name: "count-requests" }).onRequest(async ({ request, set }) => {
    const context = contextOf(request);
    const { area, networks } = context;
    if (!isCounted(request)) return spareConnection(deps.limiter, request, set);
    const { admin, chat } = budgets();
    const budget = area.budget === "admin" ? admin : chat;
    const { waitSeconds, usedShare } = await countRequest(deps, budget, networks, set);
    context.usedLimitShare = usedShare;
    if (waitSeconds === undefined) return;
    excess.set(request, waitSeconds);
    await spareConnection(deps.limiter, request, set);
  });
}

function createBudgets(limits: Config["limits"]) {
  const { rateLimitMaxRequests: maxRequests, rateLimitWindowMs: windowMs } = limits;
  const chat: RateLimitBudget = { name: "chat", maxRequests, windowMs };
  const admin: RateLimitBudget = { name: "admin", maxRequests, windowMs };
  return { chat, admin };
}

/** Refuses the requests over their budget. A separate plugin, because the origin is checked in between. */
export function refuseExcess() {
  return new Elysia({ name: "refuse-excess" }).onRequest(async ({ request, set }) => {
    const seconds = excess.get(request);
    if (seconds === undefined) return;
    // If a connection is closed while its body is still arriving, the client loses the answer.
    const body = set.headers.connection === "close" ? request.body : null;
    if (body) await discard(body.getReader());
    throw rateLimited(seconds);
  });
}

interface CountedRequest extends Pick<RateLimitDecision, "usedShare"> {
  /** Undefined while something is left of the budget. */
  readonly waitSeconds: number | undefined;
}

/** Counts a request of the client and sets headers that say what is left of the budget. */
export async function countRequest(
  { limiter, metrics }: CountingDeps,
  budget: RateLimitBudget,
  networks: Networks,
  set: { headers: Record<string, string | number> },
): Promise<CountedRequest> {
  const decision = await limiter.consume(budget, networks);
  const resetSeconds = Math.ceil(decision.resetMs / 1000);
  const windowSeconds = Math.ceil(budget.windowMs / 1000);
  set.headers["ratelimit-policy"] = `"${budget.name}";q=${decision.maxRequests};w=${windowSeconds}`;
  set.headers.ratelimit = `"${budget.name}";r=${decision.remaining};t=${resetSeconds}`;
  const { isAllowed, usedShare } = decision;
  if (isAllowed) return { waitSeconds: undefined, usedShare };
  metrics.rateLimited.add(1, { budget: budget.name });
  return { waitSeconds: resetSeconds, usedShare };
}
