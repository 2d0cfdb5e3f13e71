import { randomText } from "../runtime/random-text.ts";
import { isSameMac } from "../runtime/same-mac.ts";

export interface MintedSession {
  readonly sessionId: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

interface SessionTokensOptions {
  /** Created at the first start and kept in the database. It never leaves the server. */
  readonly secret: string;
  readonly ttlMs: number;
  readonly now: () => number;
}

/** Mints sessions that only the holder of the token can continue, read or erase (contract section 5). */
export interface SessionTokens {
  mint(): MintedSession;
  /** A fresh token for a session whose current token has just been checked. */
  renew(sessionId: string): MintedSession;
  isValid(sessionId: string, token: string): boolean;
}

/** Tokens are `EXPIRY.HMAC`: HMAC-SHA-256 (RFC 2104) over the session's id and the expiry in ms. */
export function createSessionTokens({ secret, ttlMs, now }: SessionTokensOptions): SessionTokens {
  function sign(sessionId: string, expiresAt: number): string {
    const mac = new Bun.CryptoHasher("sha256", secret).update(`${sessionId}.${expiresAt}`);
    return mac.digest("base64url");
  }

  function renew(sessionId: string): MintedSession {
    const expiresAt = now() + ttlMs;
    return { sessionId, sessionToken: `${expiresAt}.${sign(sessionId, expiresAt)}`, expiresAt };
  }

  return {
    renew,
    mint: () => renew(`s_${randomText(16)}`),
    isValid(sessionId, token) {
      const [, expiry = "", signature = ""] = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
      // Malformed tokens are signed too, so that the time does not reveal which part of a token is wrong.
      return isSameMac(signature, sign(sessionId, Number(expiry))) && Number(expiry) > now();
    },
  };
}
