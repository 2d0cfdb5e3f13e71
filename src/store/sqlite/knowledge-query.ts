import { type Term, termsOf } from "../../text/terms.ts";

/** How many entries of the index a term has. */
export type TermCount = (term: Term) => number;

interface QueryOptions {
  /** How many sections there are. */
  readonly size: number;
  /** How many entries of the index may be read. */
  readonly maxPostings: number;
  readonly countOf: TermCount;
}

/** With fewer sections every word is looked up, because it costs nothing and helps in small FAQs. */
const MANY_SECTIONS = 500;
/** The rarest ones are looked up, however many entries they have. */
const LEAST_TERMS = 2;
/**
 * A beginning that is itself a word in more than this share of the sections is not looked for: "the" tells no
 * more as the beginning of "them" and "there". In a small index it must be in more sections than the other figure.
 */
const COMMON = { share: 0.05, sections: 3 };

/**
 * The question as an FTS5 expression: any of its terms, the rarest first, as many as can be read in bounded
 * time. Terms in more than half of the sections are left out: they cost the most and decide nothing. Terms
 * have neither quotes nor operators. Empty: nothing is found.
 */
export function matchExpression(
  question: string,
  { size, maxPostings, countOf }: QueryOptions,
): string {
  const common = Math.max(COMMON.sections, COMMON.share * size);
  const isTelling = ({ text, isBeginning }: Term) =>
    !isBeginning || countOf({ text, isBeginning: false }) <= common;
  const known = termsOf(question)
    .filter(isTelling)
    .map((term) => ({ term, count: countOf(term) }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.count - b.count);
  const telling = size < MANY_SECTIONS ? known : known.filter(({ count }) => count < size / 2);
  const chosen: string[] = [];
  let postings = 0;
  for (const { term, count } of telling.length > 0 ? telling : known) {
    postings += count;
    if (chosen.length >= LEAST_TERMS && postings > maxPostings) break;
    chosen.push(`"${term.text}"${term.isBeginning ? "*" : ""}`);
  }
  return chosen.join(" OR ");
}
