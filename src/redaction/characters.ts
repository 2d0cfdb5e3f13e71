/** Stands in the place of each letter and digit that was taken out. It means the same in every language. */
export const MASK = "•";
export const MASK_CODE = 0x2022;

/** Where the digits of each script begin, 0 to 9 in order (Unicode 16, general category Nd), without those of ASCII. */
const ZEROS = [
  0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
  0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
  0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
  0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0,
  0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16130,
  0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
  0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/** The value of a digit of any script; -1 for every other character. */
export function digitOf(code: number): number {
  if (code < 0x660) return code >= 0x30 && code <= 0x39 ? code - 0x30 : -1;
  let [low, high] = [0, ZEROS.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((ZEROS[middle] ?? 0) <= code) low = middle;
    else high = middle;
  }
  const value = code - (ZEROS[low] ?? 0);
  return value >= 0 && value <= 9 ? value : -1;
}

/** Whether nobody sees the character: soft hyphens, joiners, direction marks, variation selectors, keycaps. */
export function isInvisible(code: number): boolean {
  if (code < 0x200b) return code === 0xad || code === 0x61c;
  return (
    code <= 0x200f ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0x20e3 ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    (code >= 0xe0000 && code <= 0xe0fff)
  );
}

/** A letter, a digit, or an accent on one: in an address or a number, these are what is hidden. */
export const LETTER_OR_DIGIT = /[\p{L}\p{N}\u0300-\u036f]/u;

export function isAsciiLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/**
 * Whether digits beside the character are a part of a longer word, such as a hash or a name in a program. Scripts
 * other than Latin do not count: some have no spaces between words.
 */
export function isOfWord(code: number): boolean {
  return isAsciiLetter(code) || code === 0x5f || code === MASK_CODE;
}

/** How many separators there may be between two groups of a number, such as " - ". */
export const MAX_GAP = 3;

/** Any of the many spaces (a tab is one) and hyphens as " " or "-", a full stop as "."; undefined for every other character. */
export function separatorOf(code: number): " " | "-" | "." | undefined {
  if (code === 0x20 || code === 0x09 || code === 0xa0 || code === 0x202f || code === 0x3000)
    return " ";
  if (code >= 0x2000 && code <= 0x200a) return " ";
  if (code === 0x2d || (code >= 0x2010 && code <= 0x2015) || code === 0x2212) return "-";
  return code === 0x2e ? "." : undefined;
}
