import { AppError, rateLimited } from "../errors.ts";
import type { RateLimitBudget, RateLimiter } from "../http/rate-limiter.ts";
import { contextOf } from "../http/request-context.ts";
import type { Networks } from "../net/client-networks.ts";
import { MAX_REQUESTS_A_DAY, type Requests } from "../people/requests.ts";
import { DAY_MS, HOUR_MS } from "../runtime/time.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { PersonRequestBody, SessionHeaders } from "./schema.ts";
import type { SessionAccess, SessionRequest } from "./session-access.ts";

/** For all sessions of one address together: the owner is told of each request. */
const BUDGET = { name: "requests", maxRequests: 20, windowMs: HOUR_MS } as const;
const SESSION_BUDGET = {
  name: "session-requests",
  maxRequests: MAX_REQUESTS_A_DAY,
  windowMs: DAY_MS,
} as const;

interface AskForPersonDeps {
  readonly store: Pick<ConversationStore, "findConversationBySession">;
  readonly requests: Requests;
  readonly access: SessionAccess;
  readonly limiter: RateLimiter;
}

/** The parts of Elysia's context that the handler uses. */
interface AskForPersonContext {
  readonly body: typeof PersonRequestBody.static;
  readonly headers: typeof SessionHeaders.static;
  readonly request: Request;
  readonly set: SessionRequest["set"] & { status?: number | string };
}

/**
 * The handler of a visitor who wants a person. Only a minted session may: a bare id belongs to whoever knows it. It
 * destructures its context in the parameter list, because Elysia reads a handler's source to see which parts of the
 * context it needs.
 */
export function createAskForPersonHandler({ store, requests, access, limiter }: AskForPersonDeps) {
  return async ({ body, headers, set, request }: AskForPersonContext) => {
    requests.refuseIfOff();
    const { sessionId, ...sent } = body;
    access.authorizeReading({ sessionId, headers, set });
    await count(limiter, BUDGET, contextOf(request).networks);
    const conversation = await store.findConversationBySession(sessionId);
    if (conversation === undefined) throw new AppError("not_found");
    const stored = await requests.add(conversation, sent);
    set.status = 201;
    return { request: stored };
  };
}

/** Counts the requests of a session, whatever becomes of its conversation. */
export function createSessionCounter(limiter: RateLimiter) {
  return (sessionId: string) => count(limiter, SESSION_BUDGET, [{ name: sessionId, share: 1 }]);
}

/** @throws AppError rate_limited */
async function count(
  limiter: RateLimiter,
  budget: RateLimitBudget,
  networks: Networks,
): Promise<void> {
  const { isAllowed, resetMs } = await limiter.consume(budget, networks);
  if (!isAllowed) throw rateLimited(Math.max(1, Math.ceil(resetMs / 1000)));
}
