/** Rows of keyboards; walks along them are tried first by whoever guesses. */
const ROWS = [
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
];
/** A piece of so many characters that came before is a repetition. */
const PIECE_LENGTH = 3;

/**
 * Counts the characters of a secret that do not follow from those before them, by a run (`aaa`, `abc`,
 * `321`, `qwe`) or a repetition (`xyz…xyz`). Random text of any alphabet follows from nothing: of 24 random
 * hexadecimal digits some 23 count. 24 times the same letter counts as 2.
 */
export function countUnpredictable(secret: string): number {
  const text = secret.toLowerCase();
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    if (!continuesRun(text, index) && !isRepeated(text, index)) count++;
  }
  return count;
}

/** Whether the last two steps up to here are equal, and of at most one place in an alphabet or a row. */
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
