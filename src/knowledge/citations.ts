import { closesMark, continuesMark, opensMark, readMark } from "./citation-mark.ts";
import { CodeWatch } from "./code-watch.ts";

/** A piece without any of these, and without white space at its end, is shown unchanged. */
const WORTH_A_LOOK = /[[【［`~\n(]|\s$/;
/** How much white space before a mark is taken out with it. */
const MAX_BLANK = 8;
/** A 0 right behind one of these is an index of a programming language: `list[0]`. */
const INDEXED = /[\p{L}\p{N}_)\]]/u;

/**
 * Tidies the marks in an answer, which comes in pieces of any size. `[1, 2]`, `[1-3]`, `【1】` and `【1†source】` become
 * `[1][2]`, `[1][2][3]`, `[1]` and `[1]`, and numbers that no source has are taken out. Code, links such as
 * `[1](https://…)` and everything else in brackets stay as they are.
 *
 * A mark is held back until the character behind it has come, and white space until it is clear that no mark follows
 * which is taken out. Nothing else is held back, and how the text is cut into pieces makes no difference.
 */
export class CitationFilter {
  readonly #count: number;
  readonly #code = new CodeWatch();
  readonly #cited = new Set<number>();
  #hasZero = false;
  /** What is shown of the piece under way. */
  #shown = "";
  /** The last character that was shown. */
  #last = "";
  /** White space that is held back. */
  #blank = "";
  /** The mark that is held back. */
  #mark = "";
  /** Its numbers, once it is whole. */
  #numbers: readonly number[] | undefined;
  /** Between the parentheses behind `](`. */
  #isInUrl = false;

  /** @param count how many sources there are, numbered from 1. Without any, only `[0]` is taken out. */
  constructor(count: number) {
    this.#count = count;
  }

  /** The numbers of sources that the answer has named so far. */
  get cited(): ReadonlySet<number> {
    return this.#cited;
  }

  /** Whether the answer has a mark with the number 0. */
  get hasZero(): boolean {
    return this.#hasZero;
  }

  /** The part of the next piece that is shown, with what was held back before it. */
  pass(piece: string): string {
    if (this.#isIdle && !WORTH_A_LOOK.test(piece)) {
      for (const character of piece) this.#code.note(character);
      this.#last = piece.slice(-1) || this.#last;
      return piece;
    }
    // By code unit, because a piece may end in the middle of a character.
    for (let at = 0; at < piece.length; at += 1) this.#read(piece.charAt(at));
    return this.#take();
  }

  /** What is left when the answer has ended. */
  end(): string {
    if (this.#mark !== "") this.#endMark();
    this.#show("");
    return this.#take();
  }

  get #isIdle(): boolean {
    return this.#mark === "" && this.#blank === "" && !this.#isInUrl && this.#code.isIdle;
  }

  #take(): string {
    const shown = this.#shown;
    this.#shown = "";
    return shown;
  }

  #read(character: string): void {
    if (this.#mark !== "" && this.#goesOn(character)) return;
    if (this.#isInUrl || this.#code.isCode(character)) this.#show(character);
    else if (opensMark(character) && this.#previous !== "\\") this.#mark = character;
    else if (character === " " || character === "\t") this.#hold(character);
    else this.#show(character);
  }

  /** The character before the next one. */
  get #previous(): string {
    return this.#blank === "" ? this.#last : this.#blank.slice(-1);
  }

  /** Whether the character belongs to the mark under way. Otherwise that has ended, as a mark or as plain text. */
  #goesOn(character: string): boolean {
    if (this.#numbers === undefined && closesMark(character)) {
      this.#mark += character;
      this.#numbers = readMark(this.#mark);
      if (this.#numbers === undefined) this.#endMark();
      return true;
    }
    if (this.#numbers === undefined && continuesMark(this.#mark, character)) {
      this.#mark += character;
      return true;
    }
    // The text of a link.
    if (character === "(") this.#numbers = undefined;
    this.#endMark();
    return false;
  }

  #endMark(): void {
    const [mark, numbers] = [this.#mark, this.#numbers];
    this.#mark = "";
    this.#numbers = undefined;
    if (numbers === undefined || !this.#isOurs(mark, numbers)) {
      this.#show(mark);
      return;
    }
    this.#hasZero ||= numbers.includes(0);
    const named = new Set(numbers.filter((number) => number >= 1 && number <= this.#count));
    for (const number of named) this.#cited.add(number);
    if (named.size === 0) this.#blank = "";
    else this.#show(Array.from(named, (number) => `[${number}]`).join(""));
  }

  /** Not an index, and not a number that the model writes although nothing was given to it. */
  #isOurs(mark: string, numbers: readonly number[]): boolean {
    if (mark === "[0]" && INDEXED.test(this.#previous)) return false;
    return this.#count > 0 || numbers.every((number) => number === 0);
  }

  #hold(blank: string): void {
    this.#blank += blank;
    if (this.#blank.length <= MAX_BLANK) return;
    this.#put(this.#blank.charAt(0));
    this.#blank = this.#blank.slice(1);
  }

  #show(text: string): void {
    this.#put(this.#blank);
    this.#blank = "";
    this.#put(text);
  }

  #put(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const character = text.charAt(at);
      this.#isInUrl = this.#isInUrl
        ? !/[\s)]/.test(character)
        : character === "(" && this.#last === "]" && !this.#code.isCode(character);
      this.#code.note(character);
      this.#last = character;
    }
    this.#shown += text;
  }
}
