/** Rows of keyboards. Attackers try runs along them first. */
const ROWS = [
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
];
/** A repetition is a piece of at least this length that occurred before. */
const PIECE_LENGTH = 3;

/**
 * Counts the characters of a secret that cannot be predicted from those before them. A character is predictable
 * in a run (`aaa`, `abc`, `321`, `qwe`) or a repetition (`xyz…xyz`). Random text is not: of 24 random hexadecimal
 * digits, about 23 count. 24 times the same letter counts as 2.
 */
export function countUnpredictable(secret: string): number {
  const text = secret.toLowerCase();
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    if (!continuesRun(text, index) && !isRepeated(text, index)) count++;
  }
  return count;
}

/** Whether the last two steps up to here are equal, and at most one place long in an alphabet or a row. */
function continuesRun(text: string, index: number): boolean {
  if (index < 2) return false;
  const places = [
    (at: number) => text.charCodeAt(at),
    ...ROWS.map((row) => (at: number) => row.indexOf(text.charAt(at))),
  ];
  return places.some((place) => {
    const [first, second, third] = [place(index - 2), place(index - 1), place(index)] as const;
    if (first === -1 || second === -1 || third === -1) return false;
    return third - second === second - first && Math.abs(third - second) <= 1;
  });
}

function isRepeated(text: string, index: number): boolean {
  const from = index + 1 - PIECE_LENGTH;
  if (from <= 0) return false;
  return text.indexOf(text.slice(from, index + 1)) < from;
}
