import type { AnswerSource, HistoryMessage, Outcome } from "../conversation/records.ts";

/** Finds passages of the owner's pages for a question. */
export interface Grounder {
  /**
   * Undefined when there is nothing to give, and when it would take too long. Never throws: a question is answered
   * without sources rather than not at all.
   */
  ground(asked: AskedQuestion): Promise<GroundedQuestion | undefined>;
}

export interface AskedQuestion {
  /** The oldest message first. It ends with the question. */
  readonly history: readonly HistoryMessage[];
  /** The languages that the visitor's browser asks for, as it sends them (Accept-Language). */
  readonly languages: string | undefined;
}

/** A question with what it was given. */
export interface GroundedQuestion {
  /** The history as the model gets it: its last message has the sources and the question. */
  readonly history: readonly HistoryMessage[];
  readonly sources: readonly AnswerSource[];
  readonly filter: AnswerFilter;
}

/** Reads the answer on its way from the model to the readers, and may hold back a few characters. */
export interface AnswerFilter {
  /** The part of the next token that is shown. Empty: nothing yet. */
  pass(token: string): string;
  /** The answer begins again: what came so far was a thought of the model. */
  restart(): void;
  /** What is left when the answer has ended. `isWhole`: it was not cut. */
  end(isWhole: boolean): string;
  /** What is stored with the answer, once it has ended. */
  result(): Pick<Outcome, "grounding" | "sources">;
}
