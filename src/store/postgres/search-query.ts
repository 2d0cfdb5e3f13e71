import { isBeginning, type SearchWord } from "../search-words.ts";
import { lexemeOf, POSITIONS_MISSING } from "./search-vector.ts";

/** A search as the texts of two values of the type `tsquery`. */
export interface SearchQuery {
  /** Finds every message that has all the words. */
  readonly candidates: string;
  /**
   * Of the candidates, those that certainly have them. In the others, it must be checked whether the tokens of
   * each phrase follow each other. Undefined when all are certain.
   */
  readonly certain: string | undefined;
}

/** Makes a query of at least one word. The lexemes are quoted, so that nobody can use PostgreSQL's operators. */
export function searchQuery(words: readonly SearchWord[]): SearchQuery {
  const certain = words.map((tokens) => join(tokens, " <-> ")).join(" & ");
  if (words.every((tokens) => tokens.length === 1))
    return { candidates: certain, certain: undefined };
  const anyOrder = words.map((tokens) => join(tokens, " & ")).join(" & ");
  return { candidates: `${certain} | (${POSITIONS_MISSING} & ${anyOrder})`, certain };
}

function join(tokens: SearchWord, operator: string): string {
  const lexemes = tokens.map((token, index) => {
    const prefix = isBeginning(tokens, index) ? ":*" : "";
    return `'${lexemeOf(token)}'${prefix}`;
  });
  return `(${lexemes.join(operator)})`;
}
