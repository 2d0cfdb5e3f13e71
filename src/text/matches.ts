import { termsOf } from "./terms.ts";
import { type Span, wordsOf, wordSpans } from "./words.ts";

/** Finds the words of a question in texts, as the index finds them: by their beginnings, too. */
export class QuestionMatcher {
  readonly #words = new Set<string>();
  readonly #beginnings: string[] = [];

  constructor(question: string) {
    for (const { text, isBeginning } of termsOf(question)) {
      if (isBeginning) this.#beginnings.push(text);
      else this.#words.add(text);
    }
  }

  /** Where words of the question stand in the text, in their order. */
  spansIn(text: string): Span[] {
    const spans: Span[] = [];
    for (const span of wordSpans(text)) {
      const words = wordsOf(text.slice(span.start, span.end));
      if (words.some((word) => this.#isMatch(word))) spans.push(span);
    }
    return spans;
  }

  #isMatch(word: string): boolean {
    return (
      this.#words.has(word) || this.#beginnings.some((beginning) => word.startsWith(beginning))
    );
  }
}
