import { isMintedSessionId } from "../../conversation/session-id.ts";
import { sessionName } from "../contract.ts";
import { recall, remember } from "../storage.ts";

/** A session as the server returns it. */
export interface Session {
  readonly sessionId: string;
  readonly sessionToken: string;
}

/** Keeps the visitor's session between pages: in localStorage, or in memory when that is blocked. */
export interface SessionKeeper {
  current(): Session | undefined;
  /** Stores a new session from the server. Returns undefined when the value is not a session. */
  keep(session: unknown): Session | undefined;
  /** Stores a renewed token for the session, unless another tab has begun a new session meanwhile. */
  renew(session: Session, sessionToken: string): void;
  forget(): void;
}

/**
 * A stored value that is no session is deleted.
 * @param apiUrl the server that the session belongs to
 * @param conversation its name, where the page has several
 */
export function createSessionKeeper(apiUrl: string, conversation = ""): SessionKeeper {
  const name = sessionName(apiUrl, conversation);
  const stored = () => toSession(recall("localStorage", name));
  let session = stored();

  function keep(kept: unknown): Session | undefined {
    session = toSession(kept);
    remember("localStorage", name, session);
    return session;
  }

  if (!session) keep(undefined);
  return {
    keep,
    // Another chat on this page, or another tab, may have begun a session since.
    current: () => (session ??= stored()),
    forget: () => void keep(undefined),
    renew({ sessionId }, sessionToken) {
      const isOurs = (stored() ?? session)?.sessionId === sessionId;
      if (isOurs && session?.sessionId === sessionId) keep({ sessionId, sessionToken });
    },
  };
}

/** Checks a session from outside, because it will be sent as a header. */
function toSession(value: unknown): Session | undefined {
  const { sessionId, sessionToken } = Object(value) as Record<string, unknown>;
  if (typeof sessionId !== "string" || !isMintedSessionId(sessionId)) return undefined;
  if (typeof sessionToken !== "string" || !/^[\w.-]{1,256}$/.test(sessionToken)) return undefined;
  return { sessionId, sessionToken };
}
