import type { Measures } from "./measures.ts";

/** What the search must reach on its own collections: what it reached when it was made, less about 0.01. */
export const FLOORS: Readonly<Record<string, Partial<Measures>>> = {
  "anthropic-docs": { ndcg10: 0.79 },
  "jsquad-ja": { ndcg10: 0.93 },
  mtrag: { ndcg10: 0.58, recall5: 0.625 },
  "stackfaq-entry": { ndcg10: 0.88 },
  "xquad-ar": { ndcg10: 0.93 },
  "xquad-de": { ndcg10: 0.945 },
  "xquad-en": { ndcg10: 0.965 },
  "xquad-ru": { ndcg10: 0.94 },
  "xquad-th": { ndcg10: 0.955 },
  "xquad-zh": { ndcg10: 0.95 },
};
export const MEAN_FLOOR = 0.885;

/** What is below its floor, in words. Collections without a floor may reach anything. */
export function belowFloor(name: string, reached: Measures): string[] {
  return Object.entries(FLOORS[name] ?? {}).flatMap(([key, least]) => {
    const value = reached[key as keyof Measures];
    return value >= least ? [] : [`${name}: ${key} is ${value.toFixed(3)}, and the floor ${least}`];
  });
}
