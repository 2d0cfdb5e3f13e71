import type { RedactedKind } from "../config/redaction.ts";
import { CardFinder } from "./card-finder.ts";
import { digitOf, isInvisible, LETTER_OR_DIGIT, MASK } from "./characters.ts";
import { EmailFinder } from "./email-finder.ts";
import { EmphasisReader } from "./emphasis-reader.ts";
import type { Finder, OnFound } from "./finder.ts";
import { IbanFinder } from "./iban-finder.ts";
import { PhoneFinder } from "./phone-finder.ts";
import type { TextFilter } from "./text-filter.ts";

const FINDERS: Readonly<Record<RedactedKind, new (onFound: OnFound) => Finder>> = {
  cards: CardFinder,
  ibans: IbanFinder,
  emails: EmailFinder,
  phones: PhoneFinder,
};

/** Of a number or an address. What separates them stays. */
const LETTERS_AND_DIGITS = new RegExp(LETTER_OR_DIGIT, "gu");
/** A text that has none of these has nothing that could be found. */
const OF_NUMBER_OR_ADDRESS = /[0-9@\u0660-\uffff]/;
/** So many signs in a row that nobody sees are passed over. More of them are no accident, and end a number. */
const MAX_INVISIBLE = 16;

/** Whether something that was found is the owner's own, and stays. */
export type IsOwn = (kind: RedactedKind, found: string) => boolean;

interface RedactorOptions {
  /** Called for each number that is taken out, as soon as it is found. */
  readonly onFound?: (kind: RedactedKind) => void;
  readonly isOwn?: IsOwn;
}

interface Found {
  readonly from: number;
  readonly to: number;
}

/**
 * Takes numbers and addresses out of a text that comes in pieces of any size: each of their letters and digits becomes a
 * "•". How the text is cut into pieces makes no difference, and what has been through it once is left as it is.
 *
 * Nothing is held back but what may still become a number, from its first digit on, and with e-mail addresses the word under
 * way. Every finder gives up after a bounded number of characters, so what is held back is bounded, too.
 */
export class TextRedactor implements TextFilter {
  readonly #kinds: readonly RedactedKind[];
  readonly #options: RedactorOptions;
  #finders: readonly Finder[];
  #found: Found[] = [];
  /** What is held back. */
  #held = "";
  /** The index of its first character in the text. */
  #heldFrom = 0;
  /** The index of the next character that the finders read. */
  #next = 0;
  /** How many signs that nobody sees are right before it. */
  #invisible = 0;
  #emphasis = new EmphasisReader();

  constructor(kinds: readonly RedactedKind[], options: RedactorOptions = {}) {
    this.#kinds = kinds;
    this.#options = options;
    this.#finders = this.#createFinders();
  }

  pass(piece: string): string {
    this.#held += piece;
    this.#read();
    return this.#take(this.#open);
  }

  restart(): void {
    this.#finders = this.#createFinders();
    this.#found = [];
    this.#held = "";
    this.#heldFrom = 0;
    this.#next = 0;
    this.#invisible = 0;
    this.#emphasis = new EmphasisReader();
  }

  end(isWhole: boolean): string {
    const end = this.#heldFrom + this.#held.length;
    for (const finder of this.#finders) finder.end(end, isWhole);
    const rest = this.#take(end);
    this.restart();
    return rest;
  }

  /** The index from which on characters are held back. */
  get #open(): number {
    let open = this.#next;
    for (const { from } of this.#finders) open = Math.min(open, from);
    // Both halves of a character are shown together.
    const code = this.#held.charCodeAt(open - this.#heldFrom);
    return code >= 0xdc00 && code < 0xe000 && open > this.#heldFrom ? open - 1 : open;
  }

  #createFinders(): readonly Finder[] {
    return this.#kinds.map(
      (kind) =>
        new FINDERS[kind]((from, to) => {
          const { isOwn, onFound } = this.#options;
          const place = [from - this.#heldFrom, to - this.#heldFrom] as const;
          if (isOwn?.(kind, this.#held.slice(...place)) === true) return;
          this.#found.push({ from, to });
          onFound?.(kind);
        }),
    );
  }

  #read(): void {
    const held = this.#held;
    let place = this.#next - this.#heldFrom;
    while (place < held.length) {
      const code = held.codePointAt(place) ?? 0;
      // The other half of the character is in the next piece.
      if (code >= 0xd800 && code < 0xdc00 && place === held.length - 1) break;
      this.#invisible = isInvisible(code) ? this.#invisible + 1 : 0;
      if (this.#invisible === 0 || this.#invisible > MAX_INVISIBLE) {
        const digit = digitOf(code);
        const meant = this.#emphasis.read(code);
        for (const finder of this.#finders) finder.read(meant, digit, this.#heldFrom + place);
      }
      place += code > 0xffff ? 2 : 1;
    }
    this.#next = this.#heldFrom + place;
  }

  /** Takes what is held back up to an index. */
  #take(end: number): string {
    const from = this.#heldFrom;
    if (end === from) return "";
    const text = this.#held.slice(0, end - from);
    this.#held = this.#held.slice(end - from);
    this.#heldFrom = end;
    if (this.#found.length === 0) return text;
    const found = this.#found.toSorted((one, other) => one.from - other.from);
    this.#found = found.filter(({ to }) => to > end);
    let shown = "";
    let done = from;
    for (const each of found) {
      const begin = Math.max(done, Math.min(each.from, end));
      const stop = Math.max(begin, Math.min(each.to, end));
      shown += text.slice(done - from, begin - from);
      shown += text.slice(begin - from, stop - from).replace(LETTERS_AND_DIGITS, MASK);
      done = stop;
    }
    return shown + text.slice(done - from);
  }
}

/** A whole text without what is to be taken out. */
export function redactText(
  text: string,
  kinds: readonly RedactedKind[],
  onFound?: (kind: RedactedKind) => void,
): string {
  if (!OF_NUMBER_OR_ADDRESS.test(text)) return text;
  const redactor = new TextRedactor(kinds, onFound === undefined ? {} : { onFound });
  return redactor.pass(text) + redactor.end(true);
}
