import type { Spent } from "../store/spending-store.ts";
import type { DailyFigures } from "../store/store.ts";

/** What the ledger has of a day. */
export type SpentTokens = Pick<Spent, "period" | "inputTokens" | "outputTokens">;

/**
 * The tokens of each day, by its midnight in UTC: as they count in the budgets, with what answers cost whose usage was not
 * reported, and calls of the model that no visitor waited for. Of days that are older than the ledger, what was reported.
 */
export function tokensByDay(
  figures: readonly Pick<DailyFigures, "day" | "tokens">[],
  spent: readonly SpentTokens[],
): ReadonlyMap<number, number> {
  const tokens = new Map(figures.map((each) => [each.day, each.tokens]));
  for (const { period, inputTokens, outputTokens } of spent) {
    tokens.set(Date.parse(period), inputTokens + outputTokens);
  }
  return tokens;
}
