/**
 * The tokens of an answer, in order. Older tokens are kept as one text and the places where each one ends.
 * A string for each token in thousands of answers would be a third of the garbage collector's work, and all
 * answers wait while it works.
 */
export class TokenLog {
  /** The tokens since the last call of `text`. */
  readonly #recent: string[] = [];
  /** The index in the text at which each older token ends. */
  readonly #ends: number[] = [];
  #text = "";

  get count(): number {
    return this.#ends.length + this.#recent.length;
  }

  append(token: string): void {
    this.#recent.push(token);
  }

  /** All tokens joined. Also moves the recent tokens into the joined text. */
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
