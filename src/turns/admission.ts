import type { AppError } from "../errors.ts";
import type { Question } from "./question.ts";

/** A reason not to begin a turn: the error that the asker gets, or undefined where it does not hold. */
export type Refusal = (question: Question) => AppError | undefined;

/**
 * Looks at the reasons in their order, before a question costs anything, so that what was accepted goes on.
 * @throws AppError of the first reason that holds
 */
export function refuseFor(reasons: readonly Refusal[], question: Question): void {
  for (const reason of reasons) {
    const error = reason(question);
    if (error !== undefined) throw error;
  }
}
