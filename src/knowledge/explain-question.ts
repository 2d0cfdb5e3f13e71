import type { HistoryMessage } from "../conversation/records.ts";
import { type ExplainedSection, Retrieval, type RetrievalDeps } from "./retrieval.ts";

/** A question that the owner tries. */
export interface TriedQuestion {
  readonly question: string;
  /** The question before it, for follow-ups such as "And to Norway?". */
  readonly before?: string | undefined;
}

/** The sections that fit a question, the best first, and which of them a visitor's question would be given. */
export function explainQuestion(
  store: RetrievalDeps["store"],
  { question, before = "" }: TriedQuestion,
  words: number,
): Promise<readonly ExplainedSection[]> {
  const asked = (content: string): HistoryMessage => ({ role: "user", content });
  const history = before.trim() === "" ? [asked(question)] : [asked(before), asked(question)];
  return new Retrieval({ store }).explain(history, words);
}
