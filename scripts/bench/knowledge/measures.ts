import type { Collection } from "./collection.ts";

/** Means over the questions of a collection, from 0 to 1. */
export interface Measures {
  /** How good the first ten documents are in their order: 1 when no order would be better. */
  readonly ndcg10: number;
  /** How much of what answers the question is among the first five. */
  readonly recall5: number;
  /** One divided by the place of the first right document. */
  readonly mrr10: number;
}

/** Finds the ids of documents for a question that is the last of the given ones, the best first. */
export type FindDocuments = (turns: readonly string[]) => Promise<readonly string[]>;

/** @param found by the question's id: documents, the best first */
export function measure(
  { queries, qrels }: Collection,
  found: ReadonlyMap<string, readonly string[]>,
): Measures {
  const each = queries.map(({ id }) => measureOne(qrels[id] ?? {}, found.get(id) ?? []));
  const mean = (key: keyof Measures) =>
    each.reduce((sum, measures) => sum + measures[key], 0) / each.length;
  return { ndcg10: mean("ndcg10"), recall5: mean("recall5"), mrr10: mean("mrr10") };
}

function measureOne(grades: Readonly<Record<string, number>>, found: readonly string[]): Measures {
  const first = [...new Set(found)].slice(0, 10).map((id) => grades[id] ?? 0);
  const best = Object.values(grades).toSorted((a, b) => b - a);
  const place = first.findIndex((grade) => grade > 0);
  return {
    ndcg10: gain(first) / gain(best.slice(0, 10)),
    recall5: first.slice(0, 5).filter((grade) => grade > 0).length / Math.min(5, best.length),
    mrr10: place === -1 ? 0 : 1 / (place + 1),
  };
}

/** The gain is linear in the grade, as in BEIR. */
function gain(grades: readonly number[]): number {
  return grades.reduce((sum, grade, index) => sum + grade / Math.log2(index + 2), 0);
}
