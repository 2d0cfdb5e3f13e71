/** What is left of a line while its marks are read from the left. Tabs go to the next column that 4 divides. */
export class SourceLine {
  rest: string;
  #column = 0;

  constructor(text: string) {
    this.rest = text;
  }

  get isBlank(): boolean {
    return !/\S/.test(this.rest);
  }

  /** How many columns of white space there are. */
  get indent(): number {
    let column = this.#column;
    for (const character of this.rest) {
      if (character === "\t") column += 4 - (column % 4);
      else if (character === " ") column++;
      else break;
    }
    return column - this.#column;
  }

  /** Leaves out so many columns of white space, or as many as there are. */
  skipColumns(count: number): void {
    let left = count;
    while (left > 0 && /^[ \t]/.test(this.rest)) {
      const width = this.rest.startsWith("\t") ? 4 - (this.#column % 4) : 1;
      // Of a tab that is only partly left out, blanks remain.
      const kept = " ".repeat(Math.max(0, width - left));
      this.rest = kept + this.rest.slice(1);
      this.#column += Math.min(width, left);
      left -= width;
    }
  }

  skipIndent(): void {
    this.skipColumns(this.indent);
  }

  /** Leaves out so many characters, none of which is a tab. */
  skip(count: number): void {
    this.rest = this.rest.slice(count);
    this.#column += count;
  }
}
