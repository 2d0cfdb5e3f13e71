/**
 * The tokens of an answer, in the order in which they came. Older ones are one text and the places where
 * they end: a string each, in thousands of answers, would be a third of all that the garbage collector
 * has to look at, and everybody waits while it does.
 */
export class TokenLog {
  /** Tokens since the last look at the text. */
  readonly #recent: string[] = [];
  /** Where in the text each of the older tokens ends. */
  readonly #ends: number[] = [];
  #text = "";

  get count(): number {
    return this.#ends.length + this.#recent.length;
  }

  append(token: string): void {
    this.#recent.push(token);
  }

  /** All tokens joined; those that came until now are kept so from now on. */
  text(): string {
    let end = this.#text.length;
    for (const token of this.#recent) {
      end += token.length;
      this.#ends.push(end);
    }
    this.#text += this.#recent.join("");
    this.#recent.length = 0;
    return this.#text;
  }

  /** The tokens after the first `count`. */
  after(count: number): string[] {
    const older = this.#ends.length;
    if (count >= older) return this.#recent.slice(count - older);
    const tokens = this.#ends
      .slice(count)
      .map((end, i) => this.#text.slice(this.#ends[count + i - 1] ?? 0, end));
    return [...tokens, ...this.#recent];
  }
}
