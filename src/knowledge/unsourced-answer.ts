import type { Grounding } from "../conversation/records.ts";
import type { AnswerFilter } from "../turns/grounder.ts";
import { ZeroMark } from "./zero-mark.ts";

/** Reads an answer that was given no sources: whether the model says that it does not know the answer. */
export class UnsourcedAnswer implements AnswerFilter {
  readonly #unknown: string;
  readonly #grounding: Grounding | undefined;
  #zero = new ZeroMark();
  #hasShown = false;

  /**
   * @param unknown what is shown where the model says that it does not know the answer, and nothing else
   * @param grounding of an answer in which it does not say so
   */
  constructor(unknown: string, grounding: Grounding | undefined) {
    this.#unknown = unknown;
    this.#grounding = grounding;
  }

  pass(token: string): string {
    return this.#show(this.#zero.pass(token));
  }

  restart(): void {
    this.#zero = new ZeroMark();
    this.#hasShown = false;
  }

  end(isWhole: boolean): string {
    const rest = this.#show(this.#zero.end());
    if (this.#hasShown || !isWhole || !this.#zero.isFound) return rest;
    return this.#show(this.#unknown);
  }

  result() {
    if (!this.#hasShown) return {};
    return { grounding: this.#zero.isFound ? ("none" as const) : this.#grounding };
  }

  #show(text: string): string {
    this.#hasShown ||= text.trim() !== "";
    return text;
  }
}
