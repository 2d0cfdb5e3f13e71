import { isAsciiLetter, isOfWord, MASK_CODE, separatorOf } from "./characters.ts";
import { type Finder, MIN_CUT_LENGTH, type OnFound } from "./finder.ts";
import { isPhone, mayBecomePhone } from "./phone-shapes.ts";

const SPACE = 0x20;
const PLUS = 0x2b;
const OPENING = 0x28;
/** What a number is that has one of these beside it: % # and signs of currencies, a time, decimal places. */
const NO_PHONE_BESIDE = /^[%#°\p{Sc}]$/u;
const NO_PHONE_BETWEEN = new Set([0x3a, 0x2c, 0x3d]);
/** "-", "/" and "\\" */
const JOINS_WORDS = new Set([0x2d, 0x2f, 0x5c]);
/** One of these in a row. */
const BREAK = ":";
/** " - " */
const MAX_JOINT = 3;

/**
 * Finds phone numbers: international ones ("+49 30 …", "0049 30 …"), and those of a country as people write them, in groups. It
 * is careful: a number without any of these is none, and so is one that is a part of a longer row of numbers.
 */
export class PhoneFinder implements Finder {
  readonly #onFound: OnFound;
  /** "+", "(" or both, right before a row. */
  #opening = "";
  /** The character before. */
  #last = 0;
  /** Whether what is right before a row says that it is no phone number. */
  #isBlocked = false;
  /** The row of digits under way, up to its last digit. Undefined: there is none. */
  #row: string | undefined;
  /** The index of its first digit. Infinity: it is none. */
  #from = Number.POSITIVE_INFINITY;
  /** What has come behind its last digit. */
  #joint = "";

  constructor(onFound: OnFound) {
    this.#onFound = onFound;
  }

  get from(): number {
    return this.#from;
  }

  read(code: number, digit: number, at: number): void {
    if (digit >= 0) this.#readDigit(digit, at);
    else if (code === MASK_CODE) this.#readMask();
    else if (this.#row === undefined || !this.#goesOn(code, at)) this.#readOpening(code);
    this.#last = code;
  }

  end(at: number, isWhole: boolean): void {
    const length = this.#row?.length ?? 0;
    if (!isWhole && length >= MIN_CUT_LENGTH && this.#from < at) this.#onFound(this.#from, at);
    this.#endRow(at);
  }

  #readDigit(digit: number, at: number): void {
    if (this.#row === undefined) {
      this.#row = this.#opening;
      this.#opening = "";
      if (!this.#isBlocked) this.#from = at;
    }
    if (this.#from === Number.POSITIVE_INFINITY) {
      this.#joint = "";
      return;
    }
    const hasBreak = this.#joint === BREAK;
    this.#row += this.#joint + String(digit);
    this.#joint = "";
    if (hasBreak || !mayBecomePhone(this.#row)) this.#from = Number.POSITIVE_INFINITY;
  }

  /** Something was taken out here: what is beside it was no number before, and is none now. */
  #readMask(): void {
    this.#row ??= "";
    this.#joint = "";
    this.#from = Number.POSITIVE_INFINITY;
  }

  /** Whether the character belongs to the row. Otherwise that has ended. */
  #goesOn(code: number, at: number): boolean {
    if (
      this.#joint === "" &&
      (isOfWord(code) || NO_PHONE_BESIDE.test(String.fromCodePoint(code)))
    ) {
      this.#from = Number.POSITIVE_INFINITY;
    }
    const joint = this.#joint === BREAK ? undefined : this.#jointOf(code);
    if (joint !== undefined && this.#joint.length < MAX_JOINT) {
      this.#joint += joint;
      return true;
    }
    const isSum = code === PLUS && this.#joint === "";
    this.#endRow(at);
    this.#isBlocked = isSum;
    return false;
  }

  #jointOf(code: number): string | undefined {
    const separator = separatorOf(code);
    if (separator !== undefined) return separator;
    if (code === OPENING || code === 0x29 || code === 0x2f) return String.fromCodePoint(code);
    // It joins a time or a fraction, of which nothing is a phone number.
    return this.#joint === "" && NO_PHONE_BETWEEN.has(code) ? BREAK : undefined;
  }

  #endRow(at: number): void {
    if (this.#from < at && this.#row !== undefined && isPhone(this.#row)) {
      this.#onFound(this.#from, at);
    }
    this.#row = undefined;
    this.#from = Number.POSITIVE_INFINITY;
    this.#joint = "";
    this.#isBlocked = false;
  }

  /** Whether a number right behind the character is a part of something else: RE-0123, a/0123, .0123, #0123. */
  #goesWithNext(code: number): boolean {
    const isBehindLetter = isAsciiLetter(this.#last);
    if (JOINS_WORDS.has(code)) return isBehindLetter;
    if (code === 0x2e || code === 0x2c) return !isBehindLetter;
    return code !== SPACE && NO_PHONE_BESIDE.test(String.fromCodePoint(code));
  }

  #readOpening(code: number): void {
    const isOpening = code === PLUS || code === OPENING;
    if (!isOpening) {
      this.#opening = "";
      this.#isBlocked = isOfWord(code) || this.#goesWithNext(code);
    } else {
      const character = String.fromCodePoint(code);
      this.#opening =
        this.#opening === "" || this.#opening === character ? character : this.#opening + character;
      if (this.#opening.length > 2) this.#opening = character;
    }
  }
}
