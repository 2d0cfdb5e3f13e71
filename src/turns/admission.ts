import type { AppError } from "../errors.ts";
import type { Question } from "./question.ts";

/** A reason not to begin a turn. Returns the error for the visitor, or undefined when it does not apply. */
export type Refusal = (question: Question) => AppError | undefined;

/**
 * Checks the reasons in order. This comes before a question costs anything, so that turns under way go on.
 * @throws AppError of the first reason that applies
 */
export function refuseFor(reasons: readonly Refusal[], question: Question): void {
  for (const reason of reasons) {
    const error = reason(question);
    if (error !== undefined) throw error;
  }
}
