/*
 * A mark is how an answer names its sources: [1]. Models also write [1, 2], [1-3], 【1】 and 【1†lines 3-5】.
 */

/** What may stand between the brackets: numbers, and what separates them. */
const INSIDE = /[\d０-９ \t,;:，、；：^–—‐‑-]/;
/** What comes after it was added by the model. */
const DAGGER = "†";
/** No mark that a model writes is as long. */
const MAX_LENGTH = 48;
/** A number of two digits at most, or the first and the last of several: so they are soon counted. */
const NUMBERS = /^\^?(\d{1,2})(?::\d+)?(?:[ \t]*[-–—‐‑][ \t]*(\d{1,2}))?$/;

export function opensMark(character: string): boolean {
  return /[[【［]/.test(character);
}

export function closesMark(character: string): boolean {
  return /[\]】］]/.test(character);
}

/** Whether a mark that has begun may go on with a character other than its closing bracket. */
export function continuesMark(begun: string, character: string): boolean {
  if (begun.length >= MAX_LENGTH) return false;
  if (INSIDE.test(character) || character === DAGGER) return true;
  return begun.includes(DAGGER) && !/[[【［\n\r`]/.test(character);
}

/** The numbers of a whole mark, in their order. Undefined: it is none, such as `[ ]` or `[2026]`. */
export function readMark(mark: string): readonly number[] | undefined {
  const [inside = ""] = mark.slice(1, -1).normalize("NFKC").split(DAGGER);
  const numbers: number[] = [];
  for (const part of inside.split(/[,;、]/)) {
    const [whole, first = "", last = first] = NUMBERS.exec(part.trim()) ?? [];
    if (whole === undefined) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.push(number);
  }
  return numbers.length > 0 ? numbers : undefined;
}
