import type { ServerSettings } from "../config/server.ts";
import { createSecretCheck } from "../http/api-keys.ts";
import { randomText } from "../runtime/random-text.ts";
import { HOUR_MS } from "../runtime/time.ts";
import type { OwnerSessionStore } from "../store/store.ts";

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
  readonly password: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The owner's logins. A token has 256 random bits. The database stores its HMAC, keyed with the password: a
 * reader of the database learns neither, and a new password ends all old sessions.
 */
export class OwnerSessions {
  readonly #store: OwnerSessionStore;
  readonly #password: string;
  readonly #now: () => number;
  readonly #isPassword: (candidate: string) => boolean;

  constructor({ store, password, now }: OwnerSessionsOptions) {
    this.#store = store;
    this.#password = password;
    this.#now = now;
    this.#isPassword = createSecretCheck([password]);
  }

  /** Starts a session and returns its token, or undefined when the password is wrong. */
  async begin(password: string): Promise<string | undefined> {
    if (!this.#isPassword(password)) return undefined;
    const now = this.#now();
    const expired = { createdAt: now - ABSOLUTE_LIMIT_MS, usedAt: now - IDLE_LIMIT_MS };
    await this.#store.deleteOwnerSessions(expired);
    const token = randomText(32);
    await this.#store.saveOwnerSession({ hash: this.#hash(token), createdAt: now, usedAt: now });
    return token;
  }

  /**
   * The session of a token that is still valid.
   * @param isUse false for requests that a page makes by itself: an open tab alone does not keep the session alive
   */
  async find(token: string, isUse: boolean): Promise<Session | undefined> {
    const hash = this.#hash(token);
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

  async end(token: string): Promise<void> {
    await this.#store.deleteOwnerSession(this.#hash(token));
  }

  #hash(token: string): string {
    return new Bun.CryptoHasher("sha256", this.#password).update(token).digest("base64url");
  }
}

/** Derived from the session's token, so it is not stored, and it ends with the session. */
function formTokenOf(token: string): string {
  return new Bun.CryptoHasher("sha256", token).update("dashboard form").digest("base64url");
}

/** The cookie that holds the token. */
export interface SessionCookie {
  read(request: Request): string | undefined;
  /** The Set-Cookie header that stores the token, or removes it. */
  write(token: string): string;
  clear(): string;
}

/**
 * In production, the prefix of the name makes the browser require Secure, Path=/ and no Domain (RFC 6265bis,
 * section 4.1.3). Development has no TLS, which the prefix needs. The name contains the base path, so that two
 * servers on one host have separate logins: the prefix does not allow the base path in Path.
 */
export function createSessionCookie({
  environment,
  basePath,
}: Pick<ServerSettings, "environment" | "basePath">): SessionCookie {
  const isProduction = environment === "production";
  const name = `${isProduction ? "__Host-" : ""}chatporch${basePath.replaceAll("/", "!")}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isProduction ? "; Secure" : ""}`;
  return {
    read: (request) =>
      new Bun.CookieMap(request.headers.get("cookie") ?? "").get(name) ?? undefined,
    write: (token) => `${name}=${token}; ${attributes}; Max-Age=${ABSOLUTE_LIMIT_MS / 1000}`,
    clear: () => `${name}=; ${attributes}; Max-Age=0`,
  };
}
