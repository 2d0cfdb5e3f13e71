/** What is solved of a challenge, as it comes with a proof_required. */
export interface Solvable {
  readonly token: string;
  readonly parts: number;
  readonly bits: number;
}

/** Solves a challenge as docs/api.md says. Returns the header x-proof. */
export function solveProof({ token, parts, bits }: Solvable): string {
  const numbers = Array.from({ length: parts }, (_, part) => {
    const seed = Bun.SHA256.hash(`${token}.${part}`, "base64url");
    let number = 0;
    while (zeroBits(`${seed}${number}`) < bits) number++;
    return number;
  });
  return `${token}~${numbers.join("-")}`;
}

/** How many zero bits the SHA-256 of a text begins with, up to 32. */
function zeroBits(text: string): number {
  return Math.clz32(Number(`0x${Bun.SHA256.hash(text, "hex").slice(0, 8)}`));
}
