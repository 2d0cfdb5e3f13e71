import { termsOf } from "../text/terms.ts";
import { inSteps } from "./in-steps.ts";

/*
 * Groups questions that ask the same in other words, by the words that they share. As in the search of the pages, a question
 * has its words and the beginnings of the longer ones, and those count most that few questions have. The first question of a
 * group speaks for it: each later one joins the group whose first question is most like it, or begins a group. So there
 * are no chains from one subject to another, and the same questions always make the same groups.
 */

/**
 * Two questions ask the same from this cosine of their words on. Of people's free paraphrases of 125 questions (the
 * benchmark's stackfaq-entry), 86 % of the pairs that are put together belong together, which are a fifth of those that
 * do. A mistake costs more than a question that stands alone: it hides one.
 */
const SIMILAR = 0.45;
/** In alphabets, words of so few letters say little of what is asked: "do", "is", "the". */
const SHORT = { letters: 3, weight: 0.2 };
const ALPHABET = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}]+$/u;
/** Added to how many questions there are, so that in a list of few a word that two of them share still counts. */
const MORE_QUESTIONS = 10;
/** The words of a question that count most stand for it, so many of them. Hardly a question has more. */
const MAX_TERMS = 40;
/** They decide with which groups it is compared, so many of them. */
const MAX_COMPARED = 60;

/** How much each word or beginning counts. */
type Weights = ReadonlyMap<string, number>;

/**
 * Reads and compares the texts in steps that are too short for visitors to notice.
 * @param texts the oldest first
 * @returns for each text the place of the first one of its group
 */
export async function groupSimilar(texts: readonly string[]): Promise<readonly number[]> {
  const all: { readonly text: string; readonly terms: Weights }[] = [];
  const counts = new Map<string, number>();
  for await (const text of inSteps(texts, ({ length }) => length)) {
    const terms = readTerms(text);
    all.push({ text, terms });
    for (const term of terms.keys()) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const rarityOf = (term: string) =>
    Math.log(1 + (texts.length + MORE_QUESTIONS) / (counts.get(term) ?? 1));
  const groups = new Groups();
  const firsts: number[] = [];
  for await (const { terms } of inSteps(all, ({ text }) => text.length)) {
    firsts.push(groups.join(firsts.length, weigh(terms, rarityOf)));
  }
  return firsts;
}

function readTerms(question: string): Weights {
  const terms = new Map<string, number>();
  for (const { text, isBeginning } of termsOf(question)) {
    const isShort = text.length <= SHORT.letters && ALPHABET.test(text);
    terms.set(isBeginning ? `${text}*` : text, isShort ? SHORT.weight : 1);
  }
  return terms;
}

/** The greatest weights as a vector of the length 1, the greatest first. */
function weigh(terms: Weights, rarityOf: (term: string) => number): Weights {
  const weights = Array.from(terms, ([term, share]) => [term, share * rarityOf(term)] as const)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, MAX_TERMS);
  const length = Math.hypot(...weights.map(([, weight]) => weight));
  return new Map(weights.map(([term, weight]) => [term, weight / length]));
}

/** The groups so far, by the words of their first questions. */
class Groups {
  readonly #firsts = new Map<number, Weights>();
  readonly #index = new Map<string, number[]>();

  /** The place of the first question of the group that the question at this place belongs to. It may be the question's own. */
  join(place: number, weights: Weights): number {
    let best = { first: place, score: SIMILAR };
    for (const first of this.#candidates(weights)) {
      const score = product(weights, this.#firsts.get(first) ?? new Map());
      const isBetter = score > best.score || (score === best.score && first < best.first);
      if (isBetter) best = { first, score };
    }
    if (best.first === place) this.#add(place, weights);
    return best.first;
  }

  #candidates(weights: Weights): ReadonlySet<number> {
    const candidates = new Set<number>();
    for (const term of weights.keys()) {
      for (const first of this.#index.get(term) ?? []) {
        if (candidates.size >= MAX_COMPARED) return candidates;
        candidates.add(first);
      }
    }
    return candidates;
  }

  #add(first: number, weights: Weights): void {
    this.#firsts.set(first, weights);
    for (const term of weights.keys()) {
      const known = this.#index.get(term);
      if (known) known.push(first);
      else this.#index.set(term, [first]);
    }
  }
}

function product(one: Weights, other: Weights): number {
  let sum = 0;
  for (const [term, weight] of one) sum += weight * (other.get(term) ?? 0);
  return sum;
}
