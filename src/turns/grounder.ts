import type { AnswerSource, HistoryMessage, Outcome } from "../conversation/records.ts";
import type { TextFilter } from "../redaction/text-filter.ts";

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
  /** The texts of the sources. */
  readonly passages?: readonly string[];
  readonly filter: AnswerFilter;
}

/** Reads the answer on its way from the model to the readers. */
export interface AnswerFilter extends TextFilter {
  /** What is stored with the answer, once it has ended. */
  result(): Pick<Outcome, "grounding" | "sources">;
}
