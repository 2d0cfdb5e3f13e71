import type { HistoryMessage } from "../conversation/records.ts";
import { estimateTokens } from "../conversation/token-estimate.ts";

/**
 * The newer half of the exchanges before the question, by size; undefined where only the question is
 * left. It is sent always.
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
