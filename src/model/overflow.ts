import type { HistoryMessage } from "../conversation/records.ts";
import { estimateTokens } from "../conversation/token-estimate.ts";
import type { ModelRequest } from "./model.ts";

/** The question without its sources; undefined when it has none. */
export function withoutSources({
  history,
  bareQuestion,
}: Pick<ModelRequest, "history" | "bareQuestion">): readonly HistoryMessage[] | undefined {
  const question = history.at(-1);
  if (bareQuestion === undefined || question?.content === bareQuestion) return undefined;
  return [...history.slice(0, -1), { role: "user", content: bareQuestion }];
}

/**
 * The question and the newer half (by size) of the exchanges before it. Undefined when only the question is
 * left, which is always sent.
 */
export function withoutOldest(
  history: readonly HistoryMessage[],
): readonly HistoryMessage[] | undefined {
  if (history.length <= 1) return undefined;
  const earlier = history.slice(0, -1).map(({ content }) => estimateTokens(content));
  const half = earlier.reduce((sum, tokens) => sum + tokens, 0) / 2;
  let kept = 0;
  let start = earlier.length;
  // An exchange is a question and its answer.
  while (start >= 2) {
    kept += (earlier[start - 1] ?? 0) + (earlier[start - 2] ?? 0);
    if (kept > half) break;
    start -= 2;
  }
  return history.slice(start);
}
