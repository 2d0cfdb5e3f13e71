const UNDERSCORE = 0x5f;
const ASTERISK = 0x2a;
const NEWLINE = 0x0a;
/** Behind one of these, an underscore is in the middle of a word, or of the name of an e-mail address. */
const IN_WORD = /[\p{L}\p{N}\p{M}•_.%+'-]/u;

/**
 * Tells the underscores of Markdown's emphasis, as in _4111 1111 1111 1111_, from those of words, as in id_4111. The first
 * kind is no part of what stands between them, and reads as the asterisks that mean the same.
 */
export class EmphasisReader {
  #last = NEWLINE;
  #isOpen = false;

  /** Returns the code point that the next one stands for. */
  read(code: number): number {
    const meant = code === UNDERSCORE && this.#isMark() ? ASTERISK : code;
    if (code === NEWLINE) this.#isOpen = false;
    this.#last = meant;
    return meant;
  }

  #isMark(): boolean {
    const isInWord = IN_WORD.test(String.fromCodePoint(this.#last));
    const isMark = !isInWord || this.#isOpen;
    this.#isOpen = !isInWord;
    return isMark;
  }
}
