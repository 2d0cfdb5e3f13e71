import type { HistoryMessage } from "../conversation/records.ts";
import type { SearchText } from "../store/knowledge-store.ts";

/** How many entries of the index each text may cost: about 10 ms in all, however much is known. */
const QUESTION = { weight: 1, maxPostings: 30_000 };
const QUESTION_BEFORE = { weight: 0.5, maxPostings: 5000 };
const ANSWER_BEFORE = { weight: 0.2, maxPostings: 3000 };
/** An answer says at its beginning what it is about. */
const ANSWER_LENGTH = 200;

/**
 * What is searched for the newest question of a history: with the question itself what came before it, which
 * counts less. So "And to Norway?" finds shipping, without asking a model what is meant. As one text they would
 * find less than the question alone.
 */
export function questionTexts(history: readonly HistoryMessage[]): SearchText[] {
  const question = history.at(-1)?.content ?? "";
  const before = history.slice(0, -1);
  const questionBefore = before.findLast(({ role }) => role === "user")?.content ?? "";
  const answerBefore = before.findLast(({ role }) => role === "assistant")?.content ?? "";
  return [
    { text: question, ...QUESTION },
    { text: questionBefore, ...QUESTION_BEFORE },
    { text: answerBefore.slice(0, ANSWER_LENGTH), ...ANSWER_BEFORE },
  ].filter(({ text }) => text !== "");
}
