import { digitOf, isAsciiLetter, LETTER_OR_DIGIT, MASK_CODE } from "./characters.ts";
import type { Finder, OnFound } from "./finder.ts";

/** RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.2. */
const MAX_NAME = 64;
const MAX_DOMAIN = 255;

const AT = 0x40;
/** What else a name may have: . _ % + - ' */
const IN_NAME = new Set([0x2e, 0x5f, 0x25, 0x2b, 0x2d, 0x27]);
/** The scripts before Hebrew: all others are written from right to left or without spaces, or have no addresses. */
const FIRST_OTHER_SCRIPT = 0x590;
const LABEL = /^(?!-)[^.]{1,63}(?<!-)$/;
const LAST_LABEL = /^(?:xn--[a-z0-9-]+|\p{L}{2,})$/iu;

/**
 * Finds e-mail addresses as people have them: a name, "@", and a domain of at least two labels. The word that is being
 * written is held back, because an "@" may follow.
 */
export class EmailFinder implements Finder {
  readonly #onFound: OnFound;
  /** The index of the word's first character, or of one that is MAX_NAME before its end. -1: in no word. */
  #word = -1;
  #hasLetter = false;
  /** The index behind the "@". -1: there was none in this word. */
  #domainFrom = -1;
  #domain = "";

  constructor(onFound: OnFound) {
    this.#onFound = onFound;
  }

  get from(): number {
    return this.#word < 0 ? Number.POSITIVE_INFINITY : this.#word;
  }

  read(code: number, _digit: number, at: number): void {
    if (this.#domainFrom >= 0 && this.#goesOn(code, at)) return;
    const isLetter = isLetterOrDigit(code);
    if (isLetter || IN_NAME.has(code)) {
      if (this.#word < 0) this.#beginWord(at);
      this.#word = Math.max(this.#word, at + 1 - MAX_NAME);
      this.#hasLetter ||= isLetter;
    } else if (code === AT && this.#word >= 0 && this.#hasLetter) {
      this.#domainFrom = at + 1;
      this.#domain = "";
    } else this.#word = -1;
  }

  end(at: number, isWhole: boolean): void {
    if (this.#domainFrom >= 0) this.#endDomain(at, !isWhole);
    this.#word = -1;
  }

  #beginWord(at: number): void {
    this.#word = at;
    this.#hasLetter = false;
  }

  /** Whether the character belongs to the domain. If not, what was read of that may be a name. */
  #goesOn(code: number, at: number): boolean {
    const isDouble = code === 0x2e && this.#domain.endsWith(".");
    // What was taken out was a letter or a digit.
    const isOfDomain =
      code === 0x2e || code === 0x2d || code === MASK_CODE || isLetterOrDigit(code);
    if (isOfDomain && !isDouble && this.#domain.length < MAX_DOMAIN) {
      this.#domain += String.fromCodePoint(code);
      return true;
    }
    const from = this.#domainFrom;
    this.#endDomain(at, false);
    this.#beginWord(Math.max(from, at - MAX_NAME));
    this.#hasLetter = LETTER_OR_DIGIT.test(this.#domain);
    if (this.#domain === "") this.#word = -1;
    return false;
  }

  #endDomain(at: number, isCut: boolean): void {
    const isFound = isCut ? this.#domain !== "" : isDomain(this.#domain);
    if (isFound) this.#onFound(this.#word, at);
    this.#domainFrom = -1;
  }
}

function isLetterOrDigit(code: number): boolean {
  if (code < 0x80) return isAsciiLetter(code) || digitOf(code) >= 0;
  return code < FIRST_OTHER_SCRIPT && LETTER_OR_DIGIT.test(String.fromCodePoint(code));
}

/** The end of a sentence may follow. */
function isDomain(text: string): boolean {
  const labels = text.replace(/[.-]+$/, "").split(".");
  return (
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    LAST_LABEL.test(labels.at(-1) ?? "")
  );
}
