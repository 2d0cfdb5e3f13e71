import type { HistoryMessage } from "../conversation/records.ts";
import { wordsOf } from "../text/words.ts";
import type { GroundedQuestion } from "../turns/grounder.ts";
import { unsourcedMessage } from "./prompt.ts";
import { unknownAnswer } from "./unknown-answer.ts";
import { UnsourcedAnswer } from "./unsourced-answer.ts";

/** A greeting or thanks is shorter. Chinese and Japanese count words by their characters or pairs of them. */
const LEAST_WORDS = 3;

/** A question without sources: the model is asked to say if it does not know the answer. */
export function unsourcedQuestion(
  history: readonly HistoryMessage[],
  languages: string | undefined,
  isMissed: boolean,
): GroundedQuestion | undefined {
  const question = history.at(-1);
  if (question === undefined) return undefined;
  return {
    history: [
      ...history.slice(0, -1),
      { ...question, content: unsourcedMessage(question.content) },
    ],
    sources: [],
    filter: new UnsourcedAnswer(unknownAnswer(languages), isMissed ? "unsourced" : undefined),
  };
}

/** Whether a question is long enough to be about something. */
export function isAboutSomething(question: string): boolean {
  return wordsOf(question).length >= LEAST_WORDS;
}
