import type { TextFilter } from "../redaction/text-filter.ts";

/** Two filters as one: the second gets what the first one shows. */
export function chained(
  first: TextFilter | undefined,
  second: TextFilter | undefined,
): TextFilter | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    pass: (piece) => second.pass(first.pass(piece)),
    restart() {
      first.restart();
      second.restart();
    },
    end: (isWhole) => second.pass(first.end(isWhole)) + second.end(isWhole),
  };
}
