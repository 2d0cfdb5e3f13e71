/**
 * Turns what a person typed into an FTS5 expression: every word must occur, as a prefix. Words are
 * quoted, so no operator of FTS5's own language can be reached. Empty when there is no word.
 */
export function searchExpression(typed: string): string {
  const words = typed.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return words.map((word) => `"${word}"*`).join(" ");
}
