import { tidyLines } from "./clean-text.ts";

/**
 * Puts text together as a browser shows it: white space in a row is one space, blocks begin on new lines, and what
 * is preformatted stays as it is.
 */
export class TextFlow {
  #pieces: string[] = [];
  /** The last character. Looking it up in a text that grows would copy the text each time. */
  #last = "\n";
  /** Line ends that come before the next text. */
  #breaks = 0;

  /** The next text begins on a new line, or with 2 after an empty one. */
  break(lines: 1 | 2): void {
    this.#breaks = Math.max(this.#breaks, lines);
  }

  /** The next text goes on in the same line after all. */
  join(): void {
    this.#breaks = 0;
  }

  /** Adds text whose white space has no meaning. */
  add(text: string): void {
    const isAfterSpace = this.#breaks > 0 || this.#last === "\n" || this.#last === " ";
    const line = text.replaceAll(/\s+/g, " ");
    this.addAsIs(isAfterSpace && line.startsWith(" ") ? line.slice(1) : line);
  }

  /** Adds text whose spaces and line ends count. */
  addAsIs(text: string): void {
    if (text === "") return;
    if (this.#pieces.length > 0 && this.#breaks > 0) this.#pieces.push("\n".repeat(this.#breaks));
    this.#breaks = 0;
    this.#pieces.push(text);
    this.#last = text.at(-1) ?? "";
  }

  /** Returns the text so far, and begins anew. */
  take(): string {
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#last = "\n";
    this.#breaks = 0;
    return tidyLines(text);
  }
}
