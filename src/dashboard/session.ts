import type { ServerSettings } from "../config/server.ts";
import { isLoopback } from "../net/loopback.ts";
import { randomText } from "../runtime/random-text.ts";
import { HOUR_MS } from "../runtime/time.ts";
import type { OwnerSessionStore } from "../store/store.ts";
import type { OwnerPassword } from "./owner-password.ts";

/** An unused session ends after a day, a used one after a week (contract section 7). */
const IDLE_LIMIT_MS = 24 * HOUR_MS;
const ABSOLUTE_LIMIT_MS = 7 * 24 * HOUR_MS;
/** A use is stored at most this often, so that most page views do not write to the database. */
const USE_RESOLUTION_MS = 60 * 1000;

/** A login of the owner, for the routes. */
export interface Session {
  /** The cookie's value. Only this browser knows it. */
  readonly token: string;
  /** The hidden token in forms of this session; see csrf.ts. */
  readonly formToken: string;
}

interface OwnerSessionsOptions {
  readonly store: OwnerSessionStore;
  readonly password: OwnerPassword;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The owner's logins. A token has 256 random bits. The database stores its HMAC, keyed with the password's mark: a
 * reader of the database learns no token, and a new password ends all old sessions.
 */
export class OwnerSessions {
  readonly #store: OwnerSessionStore;
  readonly #password: OwnerPassword;
  readonly #now: () => number;

  constructor({ store, password, now }: OwnerSessionsOptions) {
    this.#store = store;
    this.#password = password;
    this.#now = now;
  }

  /** False: nobody has chosen a password, so nobody can log in. */
  async hasOwner(): Promise<boolean> {
    return (await this.#password.mark()) !== undefined;
  }

  /**
   * Starts a session and returns its token, or undefined when the password is wrong.
   * @throws AppError overloaded
   */
  async begin(password: string): Promise<string | undefined> {
    const mark = await this.#password.check(password);
    if (mark === undefined) return undefined;
    const now = this.#now();
    const expired = { createdAt: now - ABSOLUTE_LIMIT_MS, usedAt: now - IDLE_LIMIT_MS };
    await this.#store.deleteOwnerSessions(expired);
    const token = randomText(32);
    await this.#store.saveOwnerSession({ hash: hashOf(token, mark), createdAt: now, usedAt: now });
    return token;
  }

  /**
   * The session of a token that is still valid.
   * @param isUse false for requests that a page makes by itself: an open tab alone does not keep the session alive
   */
  async find(token: string, isUse: boolean): Promise<Session | undefined> {
    const mark = await this.#password.mark();
    if (mark === undefined) return undefined;
    const hash = hashOf(token, mark);
    const known = await this.#store.findOwnerSession(hash);
    if (known === undefined) return undefined;
    const now = this.#now();
    // A time in the future was stored before the clock was set back. It counts like one as long ago.
    const age = Math.abs(now - known.createdAt);
    const idle = Math.abs(now - known.usedAt);
    const isOver = age > ABSOLUTE_LIMIT_MS || idle > IDLE_LIMIT_MS;
    if (isOver) {
      await this.#store.deleteOwnerSession(hash);
      return undefined;
    }
    if (isUse && idle >= USE_RESOLUTION_MS) {
      // Another request logged out in the meantime.
      if (!(await this.#store.touchOwnerSession(hash, now))) return undefined;
    }
    return { token, formToken: formTokenOf(token) };
  }

  /** Whether the session of a token is still valid. When the store does not answer, it is no longer trusted. */
  async isThere(token: string): Promise<boolean> {
    const session = await this.find(token, false).catch(() => undefined);
    return session !== undefined;
  }

  async end(token: string): Promise<void> {
    const mark = await this.#password.mark();
    if (mark !== undefined) await this.#store.deleteOwnerSession(hashOf(token, mark));
  }
}

function hashOf(token: string, mark: string): string {
  return new Bun.CryptoHasher("sha256", mark).update(token).digest("base64url");
}

/** Derived from the session's token, so it is not stored, and it ends with the session. */
function formTokenOf(token: string): string {
  return new Bun.CryptoHasher("sha256", token).update("dashboard form").digest("base64url");
}

/** The cookie that holds the token. */
export interface SessionCookie {
  /**
   * The tokens that the request carries. Chromium and Firefox send a Secure cookie also over http to their own
   * machine, so one of an earlier login may come beside the newer one without Secure.
   */
  read(request: Request): readonly string[];
  /** The Set-Cookie header for the request's browser that stores the token, or removes it. */
  write(token: string, request: Request): string;
  clear(request: Request): string;
}

/**
 * In production, the prefix of the name makes the browser require Secure, Path=/ and no Domain (RFC 6265bis,
 * section 4.1.3). Development has no TLS, which the prefix needs. The name contains the base path, so that two
 * servers on one host have separate logins: the prefix does not allow the base path in Path.
 *
 * Safari stores no Secure cookie on `http://localhost`, so a browser on the server's own machine, or at the other
 * end of an ssh tunnel, gets the cookie of development.
 */
export function createSessionCookie({
  environment,
  basePath,
}: Pick<ServerSettings, "environment" | "basePath">): SessionCookie {
  const plainName = `chatporch${basePath.replaceAll("/", "!")}`;
  const secureName = `__Host-${plainName}`;
  const isProduction = environment === "production";
  const set = (request: Request, value: string, seconds: number) => {
    const isSecure = isProduction && !isOnOwnMachine(request);
    const name = isSecure ? secureName : plainName;
    const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
    return `${name}=${value}; ${attributes}; Max-Age=${seconds}`;
  };
  return {
    read: (request) => {
      const cookies = new Bun.CookieMap(request.headers.get("cookie") ?? "");
      const secure = isProduction ? cookies.get(secureName) : undefined;
      const mayBePlain = !isProduction || isLoopback(new URL(request.url).hostname);
      const plain = mayBePlain ? cookies.get(plainName) : undefined;
      return [secure, plain].filter((token) => typeof token === "string");
    },
    write: (token, request) => set(request, token, ABSOLUTE_LIMIT_MS / 1000),
    clear: (request) => set(request, "", 0),
  };
}

/** By the address in the browser, which it names with every form. A proxy cannot change that by mistake. */
function isOnOwnMachine({ headers }: Request): boolean {
  const origin = headers.get("origin") ?? "";
  return (
    origin.startsWith("http://") && URL.canParse(origin) && isLoopback(new URL(origin).hostname)
  );
}
