import type { AskedQuestion, GroundedQuestion } from "../turns/grounder.ts";
import { isAboutSomething } from "./courtesy.ts";
import { GroundedAnswer } from "./grounded-answer.ts";
import { unsourcedMessage } from "./prompt.ts";
import { unknownAnswer } from "./unknown-answer.ts";

/**
 * A question without sources: the model is asked to say if it does not know the answer.
 * @param isMissed whether the bot knows something, and nothing of it fits
 */
export function unsourcedQuestion(
  { history, languages }: AskedQuestion,
  { isMissed }: { readonly isMissed: boolean },
): GroundedQuestion | undefined {
  const question = history.at(-1);
  if (question === undefined) return undefined;
  const content = unsourcedMessage(question.content);
  const otherwise = isMissed && isAboutSomething(question.content) ? "unsourced" : undefined;
  return {
    history: [...history.slice(0, -1), { ...question, content }],
    sources: [],
    filter: new GroundedAnswer([], unknownAnswer(languages), otherwise),
  };
}
