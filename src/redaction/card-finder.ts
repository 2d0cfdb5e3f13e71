import { cardLengths, hasCheckDigit, isPrefix } from "./card-networks.ts";
import { isOfWord, MASK_CODE, MAX_GAP, separatorOf } from "./characters.ts";
import { type Finder, MIN_CUT_LENGTH, type OnFound } from "./finder.ts";

const MAX_DIGITS = 19;
const STOP = 0x2e;
const COMMA = 0x2c;
/** How cards are printed and typed. */
const USUAL_GROUPS: readonly (readonly number[])[] = [
  [4, 4, 4, 4],
  [4, 4, 4, 4, 1],
  [4, 4, 4, 4, 2],
  [4, 4, 4, 4, 3],
  [4, 4, 4, 2],
  [4, 4, 4, 3],
  [4, 6, 4],
  [4, 6, 5],
  [4, 3, 3, 3],
  [6, 13],
  [8, 8],
];
/** The old cards of 13 digits. Without groups, such a number is that of a product (EAN-13). */
const OLD_GROUPS = "4,3,3,3";
const OLD_LENGTH = 13;
/** A group of so few digits before a "." or "," is the whole part of a number with decimal places. */
const MAX_WHOLE_PART = 3;

/** A place at which a card may begin. */
interface Start {
  readonly from: number;
  /** Whether its groups may have any length: it begins a row of numbers, with one character between two. */
  isFree: boolean;
  digits: string;
  /** The lengths of its groups. */
  readonly groups: number[];
  separator: string | undefined;
  /** The lengths that its network allows, as a set of bits. */
  lengths: number;
  /** The end of a card that begins here. -1: none has been found. */
  end: number;
  /** The end of a card that is one only if it is all that is in the row. */
  endIfLast: number;
}

/**
 * - outside: a number may begin with the next character
 * - word: in a word, where none begins
 * - group: in a group of digits
 * - separator: between two groups
 */
type Place = "outside" | "word" | "group" | "separator";

/**
 * Finds the numbers of cards: by their first digits, their length and their check digit. Their groups may be separated by
 * spaces, hyphens or full stops, which begin with the same everywhere. A number in a row of numbers, or with gaps of several
 * characters, must have the usual groups of a card; one that stands alone may have any, but for full stops.
 */
export class CardFinder implements Finder {
  readonly #onFound: OnFound;
  #starts: Start[] = [];
  #place: Place = "outside";
  #groupLength = 0;
  #gapLength = 0;
  /** Whether the word ends with a digit, or with something that was taken out. */
  #hasNumber = false;
  #isBehindMask = false;
  #isBehindStop = false;
  /** Whether the next digits are decimal places. */
  #isFraction = false;

  constructor(onFound: OnFound) {
    this.#onFound = onFound;
  }

  get from(): number {
    return this.#starts[0]?.from ?? Number.POSITIVE_INFINITY;
  }

  read(code: number, digit: number, at: number): void {
    if (digit >= 0) this.#readDigit(digit, at);
    else if (isOfWord(code)) this.#readLetter(code, at);
    else {
      this.#isFraction = this.#beginsFraction(code);
      this.#isBehindMask = false;
      this.#isBehindStop = code === STOP;
      const separator = separatorOf(code);
      if (separator === undefined) this.#endRow(at);
      else this.#readSeparator(separator, at);
    }
  }

  end(at: number, isWhole: boolean): void {
    if (!isWhole) {
      for (const start of this.#starts) {
        if (start.digits.length >= MIN_CUT_LENGTH) start.end = at;
      }
    }
    this.#endRow(at);
  }

  #readDigit(digit: number, at: number): void {
    if (this.#place === "word") {
      this.#hasNumber = true;
      return;
    }
    if (this.#place !== "group") this.#beginGroup(at);
    this.#groupLength += 1;
    this.#keep((start) => {
      start.digits += String(digit);
      start.groups[start.groups.length - 1] = this.#groupLength;
      if (isPrefix(start.digits)) start.lengths = cardLengths(start.digits);
      return start.lengths >> start.digits.length !== 0 && (start.isFree || isUsual(start));
    });
  }

  /** 0.41, 0,41 and .41; but not "Visa.41", and not "...41". */
  #beginsFraction(code: number): boolean {
    if (code !== STOP && code !== COMMA) return false;
    if (this.#place === "group") return this.#groupLength <= MAX_WHOLE_PART;
    if (this.#place === "word") return this.#isBehindMask;
    return code === STOP && !this.#isBehindStop;
  }

  #beginGroup(at: number): void {
    const isFree = this.#place === "outside";
    this.#place = "group";
    this.#groupLength = 0;
    for (const start of this.#starts) {
      start.groups.push(0);
      start.endIfLast = -1;
    }
    if (this.#isFraction) return;
    const found = { end: -1, endIfLast: -1 };
    const empty = { digits: "", groups: [0], separator: undefined, lengths: 0 };
    this.#starts.push({ from: at, isFree, ...empty, ...found });
  }

  #readLetter(code: number, at: number): void {
    this.#isBehindMask = code === MASK_CODE;
    this.#hasNumber = this.#isBehindMask;
    if (this.#place === "separator" && !this.#isBehindMask) this.#endRow(at);
    if (this.#starts.length > 0) this.#keep(() => false);
    this.#place = "word";
  }

  #readSeparator(separator: string, at: number): void {
    switch (this.#place) {
      case "group":
        this.#endGroup(at);
        this.#keep((start) => {
          start.separator ??= separator;
          return start.separator === separator;
        });
        this.#place = "separator";
        this.#gapLength = 1;
        break;
      case "word":
        this.#place = this.#hasNumber ? "separator" : "outside";
        this.#gapLength = 1;
        break;
      case "separator":
        this.#gapLength += 1;
        if (separator === "." || this.#gapLength > MAX_GAP) this.#endRow(at);
        else this.#keep((start) => this.#isWideGapIn(start));
        break;
      case "outside":
    }
  }

  /** Whether a number with a gap of several characters may be a card. */
  #isWideGapIn(start: Start): boolean {
    if (start.separator === ".") return false;
    start.isFree = false;
    return isUsual(start);
  }

  #endGroup(at: number): void {
    for (const start of this.#starts) {
      const { digits, groups, lengths, isFree, separator } = start;
      if (((lengths >> digits.length) & 1) === 0 || !hasCheckDigit(digits)) continue;
      if (digits.length === OLD_LENGTH && groups.join() !== OLD_GROUPS) continue;
      if (groups.length === 1 || isUsualWhole(groups)) start.end = at;
      else if (isFree && separator !== ".") start.endIfLast = at;
    }
  }

  #endRow(at: number): void {
    if (this.#place === "group") this.#endGroup(at);
    this.#place = "outside";
    if (this.#starts.length === 0) return;
    for (const start of this.#starts) start.end = Math.max(start.end, start.endIfLast);
    this.#keep(() => false);
  }

  /** Takes away the starts that nothing can become of any more. */
  #keep(isPossible: (start: Start) => boolean): void {
    this.#starts = this.#starts.filter((start) => {
      if (isPossible(start)) return true;
      if (start.end > start.from) this.#onFound(start.from, start.end);
      return false;
    });
  }
}

/** Whether the groups so far may become the usual ones. The last one may still grow. */
function isUsual({ groups, digits }: Start): boolean {
  if (groups.length === 1 && digits.length <= MAX_DIGITS) return true;
  return USUAL_GROUPS.some((usual) =>
    groups.every((length, n) =>
      n === groups.length - 1 ? length <= (usual[n] ?? 0) : length === usual[n],
    ),
  );
}

function isUsualWhole(groups: readonly number[]): boolean {
  return USUAL_GROUPS.some(
    (usual) => usual.length === groups.length && usual.every((length, n) => length === groups[n]),
  );
}
