import { isMintedSessionId } from "../conversation/session-id.ts";
import { AppError } from "../errors.ts";
import type { SessionTokens } from "./session-tokens.ts";

/** What a request shows of its session, and where the renewed token is returned. */
export interface SessionRequest {
  readonly sessionId: string;
  readonly headers: { readonly "x-session-token"?: string };
  readonly set: { headers: Record<string, string | number> };
}

/** Who may do what in a session; each throws AppError session_token_invalid. */
export interface SessionAccess {
  /** For asking: the owner of a minted session passes, and so does everybody with a bare id. */
  authorize(request: SessionRequest): void;
  /** For reading back: a bare id gives no right to it, so only a minted session passes. */
  authorizeReading(request: SessionRequest): void;
}

/** Checks and renews the tokens of minted sessions; bare ids need none (contract section 5). */
export function createSessionAccess(sessions: SessionTokens): SessionAccess {
  function authorize({ sessionId, headers, set }: SessionRequest): void {
    if (!isMintedSessionId(sessionId)) return;
    if (!sessions.isValid(sessionId, headers["x-session-token"] ?? "")) {
      throw new AppError("session_token_invalid");
    }
    set.headers["x-session-token"] = sessions.renew(sessionId).sessionToken;
  }

  function authorizeReading(request: SessionRequest): void {
    if (!isMintedSessionId(request.sessionId)) throw new AppError("session_token_invalid");
    authorize(request);
  }

  return { authorize, authorizeReading };
}
