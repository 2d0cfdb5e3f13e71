/**
 * What can be picked out of the list of conversations. `failed`: the newest answer failed or was cut off. `stopped`: the
 * newest answer was stopped. `unanswered`: the sources did not hold one of the answers (grounding `none`). `rated_down`: the
 * visitor has rated one of the answers down. `wanted`: a request for a person is open. Each has a
 * column, which the database keeps itself, and an index of the conversations that have it (migrations.ts).
 */
export const LIST_MARKS = ["failed", "stopped", "unanswered", "rated_down", "wanted"] as const;
export type ListMark = (typeof LIST_MARKS)[number];

/** The condition on a row `c` of the conversations, in the words of the index. */
export function markCondition(mark: ListMark | undefined): string {
  return mark === undefined ? "true" : `c.is_${mark} = 1`;
}
