/** A minted session as the server gave it. */
export interface Session {
  readonly id: string;
  readonly token: string;
}

/** Where the visitor's session is kept between pages: localStorage, or memory where that is blocked. */
export interface SessionKeeper {
  current(): Session | undefined;
  keep(session: Session): void;
  /** Takes a renewed token for the session, unless another tab has begun anew meanwhile. */
  renew(id: string, token: string): void;
  forget(): void;
}

/** Changes when the form of what is stored does; anything else that is found is thrown away. */
const VERSION = 1;

/** @param apiUrl sessions belong to one server */
export function createSessionKeeper(apiUrl: string): SessionKeeper {
  const name = `chatporch:${apiUrl}`;
  let session = parseSession(read(name));
  if (!session) write(name, undefined);

  function keep(kept: Session): void {
    session = kept;
    write(name, JSON.stringify({ version: VERSION, ...kept }));
  }

  return {
    current: () => session,
    keep,
    renew(id, token) {
      if (session?.id !== id) return;
      const renewed = toSession({ version: VERSION, id, token });
      const stored = parseSession(read(name));
      if (renewed && (!stored || stored.id === id)) keep(renewed);
    },
    forget() {
      session = undefined;
      write(name, undefined);
    },
  };
}

/** Checks a session from outside: it is about to be sent as a header. */
export function toSession(value: unknown): Session | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { version, id, token } = value as Record<string, unknown>;
  const isUsable =
    version === VERSION &&
    typeof id === "string" &&
    /^s_[\w-]{22}$/.test(id) &&
    typeof token === "string" &&
    /^[\x21-\x7e]{1,256}$/.test(token);
  return isUsable ? { id, token } : undefined;
}

/** The answer of the server to a new session; undefined when it is none. */
export function mintedSession(answer: unknown): Session | undefined {
  const { sessionId, sessionToken } = Object(answer) as Record<string, unknown>;
  return toSession({ version: VERSION, id: sessionId, token: sessionToken });
}

function parseSession(json: string | null): Session | undefined {
  try {
    return toSession(JSON.parse(json ?? "null"));
  } catch {
    // Of an older version, or somebody else's.
    return undefined;
  }
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    // Blocked: the session lives as long as the page.
    return null;
  }
}

function write(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Blocked or full: the session lives as long as the page.
  }
}
