import type { AnswerSource, Grounding } from "../conversation/records.ts";
import type { AnswerFilter } from "../turns/grounder.ts";
import { CitationFilter } from "./citations.ts";
import { ZeroMark } from "./zero-mark.ts";

/** Reads an answer: which of its sources it names, and whether the model says in it that it does not know the answer. */
export class GroundedAnswer implements AnswerFilter {
  readonly #sources: readonly AnswerSource[];
  readonly #unknown: string;
  readonly #otherwise: Grounding | undefined;
  #zero = new ZeroMark();
  #citations: CitationFilter;
  #hasShown = false;

  /**
   * @param sources what it was given; possibly nothing
   * @param unknown what is shown where the model says that it does not know the answer, and nothing else
   * @param otherwise of an answer that names no source and does not say that
   */
  constructor(sources: readonly AnswerSource[], unknown: string, otherwise: Grounding | undefined) {
    this.#sources = sources;
    this.#unknown = unknown;
    this.#otherwise = otherwise;
    this.#citations = new CitationFilter(sources.length);
  }

  pass(token: string): string {
    return this.#show(this.#citations.pass(this.#zero.pass(token)));
  }

  restart(): void {
    this.#zero = new ZeroMark();
    this.#citations = new CitationFilter(this.#sources.length);
    this.#hasShown = false;
  }

  end(isWhole: boolean): string {
    const rest = this.#show(this.#citations.pass(this.#zero.end()) + this.#citations.end());
    if (this.#hasShown || !isWhole || !this.#saysNone) return rest;
    return this.#show(this.#unknown);
  }

  result() {
    const { cited } = this.#citations;
    const sources = this.#sources.map((source) => ({
      ...source,
      isCited: cited.has(source.number),
    }));
    return {
      ...(sources.length === 0 ? {} : { sources }),
      grounding: this.#hasShown ? this.#grounding : undefined,
    };
  }

  get #saysNone(): boolean {
    const { hasZero, cited } = this.#citations;
    return this.#zero.isFound || (hasZero && cited.size === 0);
  }

  get #grounding(): Grounding | undefined {
    if (this.#saysNone) return "none";
    return this.#citations.cited.size > 0 ? "cited" : this.#otherwise;
  }

  #show(text: string): string {
    this.#hasShown ||= text.trim() !== "";
    return text;
  }
}
