/** Numbers of nine digits: together with the seed they fit in one block. */
export const FIRST_NUMBER = 100_000_000;
/** How many numbers are tried at a time. */
export const STEP = 1000;

/** Finds the numbers that a challenge asks for. */
interface Solver {
  /** The text that a part's hash begins with: 43 characters. */
  seedOf(token: string, part: number): string;
  /**
   * Tries so many numbers of nine digits as a step has.
   * @param first a multiple of a step
   * @returns one whose hash, behind the seed, begins with `bits` zero bits; undefined: none of them does
   */
  search(seed: string, bits: number, first: number): number | undefined;
}

/**
 * Makes a solver: SHA-256 (FIPS 180-4) on 32-bit words, at once and without the browser's own, which gives a promise for each
 * hash, and is missing on pages without https. Throws where it comes to a wrong hash.
 *
 * It refers to nothing outside of it, because its text is the program of a Worker as well (solve.ts).
 */
export function createSolver(): Solver {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  /** The first 32 bits behind the point. */
  const fraction = (n: number) => (n % 1) * 2 ** 32;
  const begin = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
  const hash = new Int32Array(8);
  const words = new Int32Array(64);

  const word = (at: number) => words[at] ?? 0;
  const turned = (n: number, by: number) => (n >>> by) | (n << (32 - by));

  /** Adds the block in the first 16 words to the hash. Written out: with arrays, it takes three times as long. */
  function compress(): void {
    for (let at = 16; at < 64; at++) {
      const near = word(at - 2);
      const far = word(at - 15);
      const nearMix = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10);
      const farMix = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3);
      words[at] = nearMix + word(at - 7) + farMix + word(at - 16);
    }
    let a = hash[0] ?? 0;
    let b = hash[1] ?? 0;
    let c = hash[2] ?? 0;
    let d = hash[3] ?? 0;
    let e = hash[4] ?? 0;
    let f = hash[5] ?? 0;
    let g = hash[6] ?? 0;
    let h = hash[7] ?? 0;
    for (let at = 0; at < 64; at++) {
      const mixed = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const added = (h + mixed + ((e & f) ^ (~e & g)) + (constants[at] ?? 0) + word(at)) | 0;
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const mixedFirst = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      h = g;
      g = f;
      f = e;
      e = (d + added) | 0;
      d = c;
      c = b;
      b = a;
      a = (added + mixedFirst + majority) | 0;
    }
    hash[0] = (hash[0] ?? 0) + a;
    hash[1] = (hash[1] ?? 0) + b;
    hash[2] = (hash[2] ?? 0) + c;
    hash[3] = (hash[3] ?? 0) + d;
    hash[4] = (hash[4] ?? 0) + e;
    hash[5] = (hash[5] ?? 0) + f;
    hash[6] = (hash[6] ?? 0) + g;
    hash[7] = (hash[7] ?? 0) + h;
  }

  /** Puts a block of a text into the words, and pads the text where it ends. */
  function fill(text: string, from: number): void {
    words.fill(0, 0, 16);
    for (let at = from; at <= text.length && at < from + 64; at++) {
      const byte = at < text.length ? text.charCodeAt(at) : 0x80;
      const place = (at - from) >> 2;
      words[place] = word(place) | (byte << (24 - 8 * (at % 4)));
    }
    if (from + 56 > text.length) words[15] = text.length * 8;
  }

  /** The hash of ASCII text, in base64url. */
  function hashOf(text: string): string {
    hash.set(begin);
    for (let from = 0; from <= text.length + 8; from += 64) {
      fill(text, from);
      compress();
    }
    const bytes = [...hash].flatMap((n) => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]);
    const signs = btoa(String.fromCharCode(...bytes));
    return signs.replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
  }

  if (hashOf("abc") !== "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0") throw new Error("SHA-256");

  return {
    seedOf: (token, part) => hashOf(`${token}.${part}`),
    search(seed, bits, first) {
      // Seed and number have 52 bytes, and the last word of them has the last four digits.
      fill(`${seed}${first}`, 0);
      const thousands = word(12);
      for (let last = 0; last < 1000; last++) {
        const hundreds = (last / 100) | 0;
        const tens = ((last / 10) | 0) % 10;
        words[12] = thousands + (hundreds << 16) + (tens << 8) + (last % 10);
        hash.set(begin);
        compress();
        if (Math.clz32(hash[0] ?? 0) >= bits) return first + last;
      }
      return undefined;
    },
  };
}
