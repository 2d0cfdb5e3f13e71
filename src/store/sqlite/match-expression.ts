import { isBeginning, type SearchWord } from "../search-words.ts";

/**
 * The tokens of all words as an FTS5 expression; hasPhrases checks whether they follow each other. They are
 * quoted, so that nobody can use FTS5's operators.
 * @param isWhole whether a token is looked up as a whole word, because too many words begin with it
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
