import { isMintedSessionId } from "../../conversation/session-id.ts";
import { sessionName } from "../contract.ts";
import { recall, remember } from "../storage.ts";

/** A session as the server returns it, and what the visitor's list of earlier chats shows of it. */
export interface Session {
  readonly sessionId: string;
  readonly sessionToken: string;
  /** The beginning of the first question. Undefined before that. */
  readonly question?: string | undefined;
  /** When the last question was asked, in milliseconds since the epoch. */
  readonly at?: number | undefined;
}

/**
 * Keeps the visitor's sessions between pages: in localStorage, or in memory when that is blocked. All are in one value, so
 * that a page that logs its visitor out removes them together.
 */
export interface SessionKeeper {
  current(): Session | undefined;
  /** Those before the current one, the newest first. */
  earlier(): readonly Session[];
  /**
   * Stores a new session from the server, unless there is one by now. Returns undefined when the value is not a session.
   */
  keep(session: unknown): Session | undefined;
  /** Stores a renewed token for the session. */
  renew(session: Session, sessionToken: string): void;
  /** Notes that a question was asked, which other tabs then show. */
  asked(question: string): void;
  /**
   * Makes one of the earlier sessions the current one; without an id, none. The one before it becomes an earlier one. False
   * if another tab has forgotten the session; then nothing changes.
   */
  goTo(sessionId?: string): boolean;
  forget(session: Session | undefined): void;
  /** Forgets all sessions. */
  clear(): void;
  /**
   * Calls the listener when another tab, or another chat on this page, has asked in this session or has gone to another one.
   */
  onMove(listener: (hasLeft: boolean) => void): void;
}

/** How many earlier sessions are kept. */
const MAX_EARLIER = 10;
/** How much of a question is kept, in Unicode code points. */
const MAX_QUESTION = 80;

/**
 * Stored values that are no sessions are deleted.
 * @param apiUrl the server that the sessions belong to
 * @param conversation its name, where the page has several
 * @param signal ends the watch for what other tabs do
 */
export function createSessionKeeper(
  apiUrl: string,
  conversation = "",
  signal: AbortSignal,
): SessionKeeper {
  const name = sessionName(apiUrl, conversation);
  const stored = () => recall("localStorage", name);
  /** What was stored when it was looked at last. Stays undefined while storage is blocked. */
  let seen: string | undefined;
  let session: Session | undefined;
  let others: readonly Session[] = [];
  let tell = (_hasLeft: boolean) => {};

  /** Takes over what another tab, or another chat on this page, has stored since. */
  function look(): void {
    const value = stored();
    const text = JSON.stringify(value);
    if (text === seen) return;
    const before = session;
    seen = text;
    session = toSession(value);
    others = [Object(value).earlier].flat().flatMap((each) => toSession(each) ?? []);
    const hasLeft = before?.sessionId !== session?.sessionId;
    if (hasLeft || before?.at !== session?.at) tell(hasLeft && before !== undefined);
  }

  function store(): void {
    const earlier = others[0] && others;
    remember("localStorage", name, session || earlier ? { ...session, earlier } : undefined);
    seen = JSON.stringify(stored());
    // The browser tells other tabs, but not other chats on this page.
    dispatchEvent(new Event(name));
  }

  look();
  if (!session) store();
  for (const type of ["storage", name, "pageshow", "visibilitychange"]) {
    addEventListener(type, look, { signal });
  }

  return {
    current() {
      look();
      return session;
    },
    earlier: () => others,
    keep(value) {
      look();
      session ??= toSession(value);
      store();
      return session;
    },
    renew({ sessionId }, sessionToken) {
      look();
      const renewed = (each: Session) =>
        (each.sessionId === sessionId && toSession({ ...each, sessionToken })) || each;
      session &&= renewed(session);
      others = others.map(renewed);
      store();
    },
    asked(question) {
      const asking = session;
      look();
      // Another tab has left it, and perhaps forgotten it.
      if (asking?.sessionId !== session?.sessionId) return;
      session &&= toSession({ ...session, question: session.question ?? question, at: Date.now() });
      store();
    },
    goTo(sessionId) {
      look();
      const known = [session ?? [], others].flat();
      const next = known.find((each) => each.sessionId === sessionId);
      if (sessionId && !next) return false;
      session = next;
      others = known.filter((each) => each !== next).slice(0, MAX_EARLIER);
      store();
      return true;
    },
    forget(forgotten) {
      const isKept = (each?: Session) => each?.sessionId !== forgotten?.sessionId;
      look();
      if (!isKept(session)) session = undefined;
      others = others.filter(isKept);
      store();
    },
    clear() {
      session = undefined;
      others = [];
      store();
    },
    onMove(listener) {
      tell = listener;
    },
  };
}

/** Checks a session from outside, because it will be sent as a header. */
function toSession(value: unknown): Session | undefined {
  const { sessionId, sessionToken, question, at } = Object(value) as Record<string, unknown>;
  if (typeof sessionId !== "string" || !isMintedSessionId(sessionId)) return undefined;
  if (typeof sessionToken !== "string" || !/^[\w.-]{1,256}$/.test(sessionToken)) return undefined;
  return {
    sessionId,
    sessionToken,
    question:
      typeof question === "string" ? [...question].slice(0, MAX_QUESTION).join("") : undefined,
    at: Number(at) || undefined,
  };
}
