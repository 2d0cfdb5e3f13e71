/** What a server asks for before it takes a question (docs/api.md, "Proof of work"). */
export interface Challenge {
  readonly token: string;
  readonly parts: number;
  readonly bits: number;
}

/** More attempts than these take a phone longer than anybody waits. */
const MAX_ATTEMPTS = 2 ** 22;
const MAX_PARTS = 64;

/** Undefined for what is no challenge, and for one that asks for another kind of work or for too much. */
export function readChallenge(value: unknown): Challenge | undefined {
  const { token, algorithm, parts, bits } = Object(value) as Record<string, unknown>;
  // It will be sent in a header.
  const isToken = typeof token === "string" && /^[\w.-]{1,400}$/.test(token);
  if (!isToken || algorithm !== "SHA-256" || !isCount(parts) || !isCount(bits)) return undefined;
  if (parts > MAX_PARTS || parts * 2 ** bits > MAX_ATTEMPTS) return undefined;
  return { token, parts, bits };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
