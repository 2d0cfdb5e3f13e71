import { MAX_FOUND, type RankedSection } from "../../store/knowledge-store.ts";

/** Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): places count, because scores cannot be compared. */
const RANK_CONSTANT = 60;
/**
 * Beside a good model, words count half: with equal weight they push good passages down. They find what vectors miss,
 * such as names and numbers.
 */
const WORDS_WEIGHT = 0.5;

/** Puts what words have found and what vectors have found together, the best first. */
export function fuse(
  byWords: readonly RankedSection[],
  byVectors: readonly number[],
): RankedSection[] {
  const scores = new Map<number, number>();
  const add = (id: number, rank: number, weight: number) =>
    scores.set(id, (scores.get(id) ?? 0) + weight / (RANK_CONSTANT + rank + 1));
  for (const [rank, id] of byVectors.entries()) add(id, rank, 1);
  for (const [rank, { id }] of byWords.entries()) add(id, rank, WORDS_WEIGHT);
  return Array.from(scores, ([id, score]) => ({ id, score }))
    .toSorted((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, MAX_FOUND);
}
