import { recall, remember } from "./storage.ts";

/** A minted session as the server gives it. */
export interface Session {
  readonly sessionId: string;
  readonly sessionToken: string;
}

/** Where the visitor's session is kept between pages: localStorage, or memory where that is blocked. */
export interface SessionKeeper {
  current(): Session | undefined;
  /** Takes a new session, from the server. Undefined when it is none. */
  keep(session: unknown): Session | undefined;
  /** Takes a renewed token for the session, unless another tab has begun anew meanwhile. */
  renew(session: Session, sessionToken: string): void;
  forget(): void;
}

/** Of what is stored. Anything of another version is thrown away. */
const NAME = "chatporch:1:";

/** @param apiUrl sessions belong to one server */
export function createSessionKeeper(apiUrl: string): SessionKeeper {
  const name = NAME + apiUrl;
  const stored = () => toSession(parse(recall("localStorage", name)));
  let session = stored();

  function keep(kept: unknown): Session | undefined {
    session = toSession(kept);
    remember("localStorage", name, session && JSON.stringify(session));
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
  if (typeof sessionId !== "string" || typeof sessionToken !== "string") return undefined;
  const isUsable = /^s_[\w-]{22}$/.test(sessionId) && /^[\x21-\x7e]{1,256}$/.test(sessionToken);
  return isUsable ? { sessionId, sessionToken } : undefined;
}

function parse(json = "null"): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Somebody else's, or of a version long ago.
    return undefined;
  }
}
