import { isMintedSessionId } from "../conversation/session-id.ts";
import { AppError } from "../errors.ts";
import type { SessionTokens } from "./session-tokens.ts";

/** The session that a request names, its token, and where the renewed token is returned. */
export interface SessionRequest {
  readonly sessionId: string;
  readonly headers: { readonly "x-session-token"?: string };
  readonly set: { headers: Record<string, string | number> };
}

/** Checks what a request may do in its session. Both methods throw AppError session_token_invalid, not_found. */
export interface SessionAccess {
  /** For asking. A minted session needs its token; a bare id needs none. */
  authorize(request: SessionRequest): void;
  /** For reading and erasing. Only a minted session with its token passes; a bare id never does. */
  authorizeReading(request: SessionRequest): void;
}

/** Checks and renews the tokens of minted sessions; bare ids need none (contract section 5). */
export function createSessionAccess(sessions: SessionTokens): SessionAccess {
  function authorize({ sessionId, headers, set }: SessionRequest): void {
    // No visitor has such a session: his conversation was taken from him, and is the owner's.
    if (sessionId.includes("/")) throw new AppError("not_found");
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
