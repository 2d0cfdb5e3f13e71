import { randomText } from "../runtime/random-text.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import type { OwnerPasswordStore } from "../store/owner-password-store.ts";

/** Long enough to find the link in a log, short enough that an old log is worth nothing. */
export const CLAIM_MINUTES = 30;
const TOKEN_BYTES = 32;

/** The right to choose the first password, once. */
interface OfferedClaim {
  /** 256 random bits. Only this server's owner sees them: they are printed and not stored. */
  readonly token: string;
  /** Ends the claim. */
  withdraw(): Promise<void>;
}

/** Makes a claim, unless there is a password. Returns undefined then. */
export async function offerClaim(
  store: OwnerPasswordStore,
  now: number,
): Promise<OfferedClaim | undefined> {
  if ((await store.ownerPasswordHash()) !== undefined) return undefined;
  const token = randomText(TOKEN_BYTES);
  const hash = hashOfClaim(token);
  await store.offerClaim({ hash, expiresAt: now + CLAIM_MINUTES * MINUTE_MS });
  return { token, withdraw: () => store.withdrawClaim(hash) };
}

/**
 * The stored form of a claim's token. It is looked up by this hash, so how long that takes says nothing about the
 * token.
 */
export function hashOfClaim(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("base64url");
}
