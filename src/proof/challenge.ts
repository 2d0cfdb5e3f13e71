import { randomText } from "../runtime/random-text.ts";
import { isSameMac } from "../runtime/same-mac.ts";
import { MINUTE_MS } from "../runtime/time.ts";

/** What a client has to solve before its question is answered. */
export interface Challenge {
  readonly token: string;
  readonly algorithm: "SHA-256";
  /** How many numbers are to be found. Several small parts take nearly the same time for everybody. */
  readonly parts: number;
  /** The zero bits that each part's hash has to begin with: about 2 to the power of `bits` attempts. */
  readonly bits: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Who a challenge is for. Its solution is worth nothing to anybody else. */
export interface Asker {
  readonly sessionId: string;
  /** The narrowest network that the client is counted under. */
  readonly network: string;
}

/** What a genuine token says. */
interface IssuedToken extends Pick<Challenge, "parts" | "bits"> {
  /** Names the challenge. */
  readonly mac: string;
}

/** A challenge and its solution are good for so long. */
export const PROOF_TTL_MS = 10 * MINUTE_MS;
/** 65,536 attempts on average: a tenth of a second in a browser, half a second on a processor four times slower. */
const PARTS = 16;
const BITS = 12;
const RANDOM_BYTES = 12;

interface ChallengesOptions {
  /** The secret of the session tokens, from which the key is derived. All replicas have the same. */
  readonly secret: string;
  readonly now: () => number;
}

interface Challenges {
  issue(asker: Asker): Challenge;
  /** Undefined: the token is forged, expired, or for somebody else. */
  read(token: string, asker: Asker): IssuedToken | undefined;
}

/**
 * Makes challenges and recognises them. Nothing is stored for one: a token is `v1.PAYLOAD.MAC`, where PAYLOAD holds
 * the expiry, the difficulty and some randomness, and MAC is an HMAC-SHA-256 (RFC 2104) over it and the asker.
 */
export function createChallenges({ secret, now }: ChallengesOptions): Challenges {
  const key = new Bun.CryptoHasher("sha256", secret).update("proof of work v1").digest();

  function sign(payload: string, { sessionId, network }: Asker): string {
    const signed = `${payload}\n${sessionId}\n${network}`;
    return new Bun.CryptoHasher("sha256", key).update(signed).digest("base64url");
  }

  return {
    issue(asker) {
      const expiresAt = now() + PROOF_TTL_MS;
      const written = `${expiresAt}.${PARTS}.${BITS}.${randomText(RANDOM_BYTES)}`;
      const payload = Buffer.from(written).toString("base64url");
      const token = `v1.${payload}.${sign(payload, asker)}`;
      return { token, algorithm: "SHA-256", parts: PARTS, bits: BITS, expiresAt };
    },

    read(token, asker) {
      const [, payload = "", sent = ""] = TOKEN.exec(token) ?? [];
      // Malformed tokens are signed too, so that the time does not reveal which part of a token is wrong.
      const mac = sign(payload, asker);
      if (!isSameMac(sent, mac)) return undefined;
      const written = Buffer.from(payload, "base64url").toString();
      const [expiresAt = 0, parts = 0, bits = 0] = written.split(".", 3).map(Number);
      return expiresAt > now() ? { parts, bits, mac } : undefined;
    },
  };
}

const TOKEN = /^v1\.([A-Za-z0-9_-]{1,100})\.([A-Za-z0-9_-]{43})$/;
