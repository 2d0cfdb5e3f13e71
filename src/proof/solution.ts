import type { Challenge } from "./challenge.ts";

/** What a client sends in the header x-proof: `TOKEN~N1-N2-…`, a number for each part. */
interface SentProof {
  readonly token: string;
  /** In decimal, as they were sent. */
  readonly numbers: readonly string[];
}

/** Twice the longest proof of the difficulty in force. */
const MAX_PROOF_LENGTH = 512;
/** Each number has nine digits at most, so that a part's text is a single block of SHA-256. */
const PROOF = /^([\w.-]+)~((?:0|[1-9]\d{0,8})(?:-(?:0|[1-9]\d{0,8}))*)$/;

/** Each hash is written here: an array for each would take longer than the hash. */
const digest = new Uint8Array(32);
const firstWord = new DataView(digest.buffer);

/** Undefined: it is no proof at all. */
export function parseProof(text: string): SentProof | undefined {
  if (text.length > MAX_PROOF_LENGTH) return undefined;
  const [, token, numbers] = PROOF.exec(text) ?? [];
  return token === undefined || numbers === undefined
    ? undefined
    : { token, numbers: numbers.split("-") };
}

/**
 * Whether each part is solved: the SHA-256 of its seed, followed by its number, begins with `bits` zero bits. The seed
 * of a part, which is counted from 0, is the SHA-256 of `TOKEN.PART`, in base64url.
 */
export function isSolution(
  { token, numbers }: SentProof,
  { parts, bits }: Pick<Challenge, "parts" | "bits">,
): boolean {
  if (numbers.length !== parts) return false;
  return numbers.every((number, part) => {
    const seed = Bun.SHA256.hash(`${token}.${part}`, "base64url");
    Bun.SHA256.hash(`${seed}${number}`, digest);
    return Math.clz32(firstWord.getUint32(0)) >= bits;
  });
}
