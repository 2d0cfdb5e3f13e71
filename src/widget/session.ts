import { isMintedSessionId } from "../conversation/session-id.ts";
import { recall, remember } from "./storage.ts";

/** A minted session as the server gives it. */
export interface Session {
  readonly sessionId: string;
  readonly sessionToken: string;
}

/** Where the visitor's session is kept between pages: localStorage, or memory where that is blocked. */
export interface SessionKeeper {
  current(): Session | undefined;
  /** Takes a new session from the server; undefined when it is none. */
  keep(session: unknown): Session | undefined;
  /** Takes a renewed token for the session, unless another tab has begun anew meanwhile. */
  renew(session: Session, sessionToken: string): void;
  forget(): void;
}

/** With the version of what is stored. Anything else under the name is thrown away. */
const NAME = "chatporch:1:";

/** @param apiUrl sessions belong to one server */
export function createSessionKeeper(apiUrl: string): SessionKeeper {
  const name = NAME + apiUrl;
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
    current: () => session,
    forget: () => void keep(undefined),
    renew({ sessionId }, sessionToken) {
      const isOurs = (stored() ?? session)?.sessionId === sessionId;
      if (isOurs && session?.sessionId === sessionId) keep({ sessionId, sessionToken });
    },
  };
}

/** Checks a session from outside: it is about to be sent as a header. */
function toSession(value: unknown): Session | undefined {
  const { sessionId, sessionToken } = Object(value) as Record<string, unknown>;
  if (typeof sessionId !== "string" || !isMintedSessionId(sessionId)) return undefined;
  if (typeof sessionToken !== "string" || !/^[\w.-]{1,256}$/.test(sessionToken)) return undefined;
  return { sessionId, sessionToken };
}
