import type { Config } from "../config/config.ts";
import { LocalDays } from "../runtime/local-days.ts";
import { readSpending, type SpendingReport } from "../spending/read-spending.ts";
import type { SpendingStore } from "../store/spending-store.ts";
import type { SpendingQuery } from "./spending-schema.ts";

export interface SpendingHandlerDeps {
  readonly config: Pick<Config, "spending" | "model" | "calendar">;
  readonly store: Pick<SpendingStore, "spentIn" | "spentByDay">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The part of Elysia's context that the handler uses. */
interface SpendingContext {
  readonly query: typeof SpendingQuery.static;
}

const DEFAULT_DAYS = "30";

/** What the model costs: today, this month, and on each day before. */
export function createSpendingHandler({ config, store, now }: SpendingHandlerDeps) {
  const days = new LocalDays(() => config.calendar.timeZone);
  return ({ query }: SpendingContext): Promise<SpendingReport> => {
    const count = Number(query.days ?? DEFAULT_DAYS);
    return readSpending({ config, store }, days.dayOf(now()), count);
  };
}
