import { isBeginning, type SearchWord } from "../search-words.ts";

/**
 * The tokens of all words as an FTS5 expression; hasPhrases says whether they follow each other. They are
 * quoted, so no operator of FTS5's own language can be reached.
 * @param isWhole says of a token that it is looked up as it is, where its beginnings would be too many
 */
export function searchExpression(
  words: readonly SearchWord[],
  isWhole = (_token: string) => false,
): string {
  const terms = words.flatMap((tokens) =>
    tokens.map((token, index) => {
      const isPrefix = isBeginning(tokens, index) && !isWhole(token);
      return `"${token}"${isPrefix ? "*" : ""}`;
    }),
  );
  return [...new Set(terms)].join(" ");
}
