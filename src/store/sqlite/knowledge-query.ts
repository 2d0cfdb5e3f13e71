import { type Term, termsOf } from "../../text/terms.ts";

/** How many entries of the index a term has. */
type TermCount = (term: Term) => number;

interface QueryOptions {
  /** How many sections there are. */
  readonly size: number;
  /** How many entries of the index may be read. */
  readonly maxPostings: number;
  readonly countOf: TermCount;
}

/** What is looked for in the index, as FTS5 expressions. An empty one finds nothing. */
export interface KnowledgeQuery {
  /** A section is found by any of these terms. */
  readonly rare: string;
  /** In a section that is found these count, too. */
  readonly frequent: string;
}

/** With fewer sections every word is looked up, because it costs nothing and helps in small FAQs. */
const MANY_SECTIONS = 500;
/** The rarest terms of a question. With more of them it takes longer, and finds nothing better. */
const MAX_TERMS = 20;
/** The rarest ones find sections, however many entries they have. */
const LEAST_TERMS = 2;
/** The share of the entries that may be read to find sections. */
const RARE_SHARE = 1 / 20;
/**
 * A beginning that is itself a word in more than this share of the sections is not looked for: "the" tells no
 * more as the beginning of "them" and "there". In a small index it must be in more sections than the other figure.
 */
const COMMON = { share: 0.05, sections: 3 };

/**
 * Makes a query of a question: any of its terms, the rarest first, as many as can be read in bounded time. Terms
 * in more than half of the sections are left out: they cost the most and decide nothing. Terms have neither
 * quotes nor operators.
 *
 * To score a section takes ten times as long as to find it. So the rarest terms alone decide which sections are
 * scored; what has only frequent words of the question is not what was asked for.
 */
export function knowledgeQuery(question: string, options: QueryOptions): KnowledgeQuery {
  const { maxPostings } = options;
  const rare: string[] = [];
  const frequent: string[] = [];
  let postings = 0;
  for (const { term, count } of tellingTerms(question, options).slice(0, MAX_TERMS)) {
    postings += count;
    const isLeast = rare.length < LEAST_TERMS;
    if (!isLeast && postings > maxPostings) break;
    const isRare = isLeast || postings <= maxPostings * RARE_SHARE;
    (isRare ? rare : frequent).push(`"${term.text}"${term.isBeginning ? "*" : ""}`);
  }
  return { rare: rare.join(" OR "), frequent: frequent.join(" OR ") };
}

/** The terms that are in the index, the rarest first. */
function tellingTerms(question: string, { size, countOf }: QueryOptions) {
  const common = Math.max(COMMON.sections, COMMON.share * size);
  const known = termsOf(question)
    .filter(
      ({ text, isBeginning }) => !isBeginning || countOf({ text, isBeginning: false }) <= common,
    )
    .map((term) => ({ term, count: countOf(term) }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.count - b.count);
  const telling = size < MANY_SECTIONS ? known : known.filter(({ count }) => count < size / 2);
  return telling.length > 0 ? telling : known;
}
