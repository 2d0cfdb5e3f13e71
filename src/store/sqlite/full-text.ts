/**
 * Scripts that are written without spaces between words. SQLite's tokenizer takes a whole sentence of
 * them for one word, so each character is made a word of its own, and a search looks for characters
 * that follow each other.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/** What of a message is put into the index. A change needs a migration that builds the index anew. */
export function searchText(content: string): string {
  return content.replaceAll(UNSPACED, " $& ");
}

/**
 * Turns what a person typed into an FTS5 expression: every word must occur, as the beginning of a word.
 * Words are quoted, so no operator of FTS5's own language can be reached. Empty when there is no word.
 * @param isWhole says of a word that it is looked up as it is, where its beginnings would be too many
 */
export function searchExpression(typed: string, isWhole = (_word: string) => false): string {
  const words = new Set(typed.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu));
  return [...words].map((word) => `"${searchText(word)}"${isWhole(word) ? "" : "*"}`).join(" ");
}
