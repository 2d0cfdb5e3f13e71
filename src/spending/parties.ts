import type { SpendingSettings } from "../config/spending.ts";
import type { Networks } from "../net/client-networks.ts";
import type { Party } from "../store/spending-store.ts";

/** Enough that no two clients of a day have the same. Characters of Base64. */
const KEY_LENGTH = 22;
/** The widest network that a provider gives to one customer. */
const WIDEST = "/48";
const DAYS_OF_A_MONTH = 30;

interface Visitor {
  readonly sessionId: string;
  readonly networks: Networks;
}

interface ShareOptions {
  readonly spending: SpendingSettings;
  readonly day: string;
  /** Keyed with a secret. It is copied for each party, which takes half as long as to make one. */
  readonly hasher: Bun.CryptoHasher;
  /** What a single answer may cost, in the unit of the budget. Everybody may have one. */
  readonly answer: number;
}

/**
 * Who has a share of the day's budget when a visitor asks: his session, his address, and the network that may be his alone.
 * Their keys say nothing to those who do not know the secret, and are others on each day.
 */
export function partiesOf(
  { sessionId, networks: [narrowest, ...others] }: Visitor,
  { spending, day, hasher, answer }: ShareOptions,
): readonly Party[] {
  const limit = shareOf(spending, answer);
  if (limit === undefined) return [];
  const networks = [narrowest, ...others.filter(({ name }) => name.endsWith(WIDEST))];
  const names = [`session ${sessionId}`, ...networks.map(({ name }) => `network ${name}`)];
  return names.map((name) => ({ key: keyOf(`party ${day} ${name}`, hasher), limit }));
}

function shareOf(
  { perDay, perMonth, sharePercent }: SpendingSettings,
  answer: number,
): number | undefined {
  const base = perDay ?? (perMonth === undefined ? undefined : perMonth / DAYS_OF_A_MONTH);
  if (base === undefined || sharePercent === 100) return undefined;
  return Math.max(Math.floor((base * sharePercent) / 100), answer);
}

function keyOf(text: string, hasher: Bun.CryptoHasher): string {
  return hasher.copy().update(text).digest("base64url").slice(0, KEY_LENGTH);
}
