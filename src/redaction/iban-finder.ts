import { isAsciiLetter, isOfWord, MAX_GAP, separatorOf } from "./characters.ts";
import { type Finder, MIN_CUT_LENGTH, type OnFound } from "./finder.ts";
import { fits, hasCheckDigits, IBAN_SHAPES } from "./iban-countries.ts";

interface Start {
  /** The index of the first check digit. */
  readonly from: number;
  readonly country: string;
  readonly shape: string;
  /** What has come behind the country. */
  rest: string;
  /** How many separators have come behind its last group. */
  gapLength: number;
}

/**
 * Finds IBANs: by their country, its length and structure, and their check digits, with spaces or hyphens anywhere.
 * The two letters of the country are left out, because nothing can be known of them until a digit comes.
 */
export class IbanFinder implements Finder {
  readonly #onFound: OnFound;
  #starts: Start[] = [];
  /** The letters at the beginning of a word. Undefined: in a word of any other kind. */
  #letters: string | undefined = "";
  #isBehindSeparator = false;

  constructor(onFound: OnFound) {
    this.#onFound = onFound;
  }

  get from(): number {
    return this.#starts[0]?.from ?? Number.POSITIVE_INFINITY;
  }

  read(code: number, digit: number, at: number): void {
    if (digit >= 0) {
      this.#grow(String(digit));
      this.#begin(digit, at);
    } else if (isAsciiLetter(code)) {
      // The middle of a long word.
      if (this.#letters === undefined && this.#starts.length === 0) return;
      const letter = String.fromCharCode(code).toUpperCase();
      this.#grow(letter);
      this.#readLetter(letter);
    } else if (isOfWord(code)) {
      this.#starts = [];
      this.#letters = undefined;
    } else {
      const separator = separatorOf(code);
      this.#endWord(separator === " " || separator === "-", at);
    }
  }

  end(at: number, isWhole: boolean): void {
    for (const start of this.#starts) {
      if (!isWhole && start.rest.length >= MIN_CUT_LENGTH) this.#onFound(start.from, at);
    }
    this.#endWord(false, at);
  }

  #grow(character: string): void {
    if (this.#starts.length === 0) return;
    this.#starts = this.#starts.filter((start) => {
      if (!fits(start.shape[start.rest.length], character)) return false;
      start.rest += character;
      start.gapLength = 0;
      return true;
    });
  }

  #begin(digit: number, at: number): void {
    const country = this.#letters;
    this.#letters = undefined;
    this.#isBehindSeparator = false;
    const shape = country === undefined ? undefined : IBAN_SHAPES.get(country);
    if (country === undefined || shape === undefined) return;
    const rest = String(digit);
    this.#starts.push({ from: at, country, shape, rest, gapLength: 0 });
  }

  #readLetter(letter: string): void {
    const letters = this.#isBehindSeparator ? "" : this.#letters;
    this.#isBehindSeparator = false;
    this.#letters = letters === undefined || letters.length === 2 ? undefined : letters + letter;
  }

  #endWord(isSeparator: boolean, at: number): void {
    if (this.#starts.length > 0) this.#endGroup(isSeparator, at);
    // "DE 89 3704 …": some write the country apart.
    const isCountry = isSeparator && !this.#isBehindSeparator && this.#letters?.length === 2;
    this.#letters = isCountry ? this.#letters : "";
    this.#isBehindSeparator = isCountry;
  }

  #endGroup(isSeparator: boolean, at: number): void {
    this.#starts = this.#starts.filter((start) => {
      const { from, country, shape, rest } = start;
      start.gapLength += 1;
      if (rest.length < shape.length) return isSeparator && start.gapLength <= MAX_GAP;
      if (hasCheckDigits(country, rest)) this.#onFound(from, at);
      return false;
    });
  }
}
