import { AppError, invalidRequest, rateLimited } from "../errors.ts";
import type { RateLimitBudget, RateLimiter } from "../http/rate-limiter.ts";
import { contextOf } from "../http/request-context.ts";
import type { Networks } from "../net/client-networks.ts";
import { MAX_REQUESTS_A_DAY, type Place, type Requests } from "../people/requests.ts";
import { DAY_MS, HOUR_MS } from "../runtime/time.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { PersonRequestBody, SessionHeaders } from "./schema.ts";
import type { ChatService } from "./service.ts";
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
  readonly chat: Pick<ChatService, "ask">;
  readonly requests: Requests;
  readonly access: SessionAccess;
  readonly limiter: RateLimiter;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
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
export function createAskForPersonHandler(deps: AskForPersonDeps) {
  const { store, requests, access, limiter } = deps;
  return async ({ body, headers, set, request }: AskForPersonContext) => {
    requests.refuseIfOff();
    const { sessionId, question, ...sent } = body;
    access.authorizeReading({ sessionId, headers, set });
    await count(limiter, BUDGET, contextOf(request).networks);
    const conversation = await store.findConversationBySession(sessionId);
    if (question === undefined && conversation === undefined) throw new AppError("not_found");
    const conversationId = conversation?.id ?? "";
    // The store says so, too, but then the question is there already.
    if (question !== undefined && sent.contact === undefined) {
      const before = conversation && (await requests.newestOf(conversationId));
      if (before === undefined) throw invalidRequest("/contact", "is needed the first time");
    }
    let turnId: string | undefined;
    const place = async () => {
      if (question === undefined) return { conversationId };
      const left = await leaveQuestion(deps, { sessionId, question, request });
      turnId = left.turnId;
      return left;
    };
    const stored = await requests.add({ sessionId, place }, sent);
    set.status = 201;
    return { request: stored, ...(turnId === undefined ? {} : { turnId }) };
  };
}

interface LeftQuestion {
  readonly sessionId: string;
  readonly question: string;
  readonly request: Request;
}

/** Stores a question that the model is not asked. Sent again on the same day, it is there once. */
async function leaveQuestion(
  { chat, now }: Pick<AskForPersonDeps, "chat" | "now">,
  { sessionId, question: message, request }: LeftQuestion,
): Promise<Place> {
  const today = Math.floor(now() / DAY_MS);
  const mark = new Bun.CryptoHasher("sha256").update(message).digest("base64url");
  const { id: turnId, conversationId } = await chat.ask({
    sessionId,
    message,
    idempotencyKey: `person ${today} ${mark}`,
    mode: "json",
    languages: undefined,
    requestId: contextOf(request).id,
    isForPerson: true,
  });
  return { conversationId, turnId };
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
