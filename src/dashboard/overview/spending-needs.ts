import { SPENDING_LIMITS } from "../../config/spending.ts";
import { WARNING_SHARE } from "../../spending/budget-marks.ts";
import { formatShare } from "../formats.ts";
import type { SpendingNow } from "../spending/spending-now.ts";
import type { Need } from "./need.ts";

export interface SpendingCircumstances {
  /** What the model costs now. */
  readonly spending: SpendingNow;
  /** Stored settings that are not in force, because they do not fit. */
  readonly ignored: readonly string[];
}

const PATH = "/dashboard/settings/spending";

/** That nobody gets answers because of what they cost, or soon will not. */
export function spendingNeeds({ spending, ignored }: SpendingCircumstances): Need[] {
  if (ignored.some((name) => SPENDING_LIMITS.includes(name))) {
    const says = "The model is off: your budget does not fit it, because its prices are not known.";
    return [{ tone: "bad", says, path: PATH, words: "Enter its prices" }];
  }
  if (!spending.isModelOn) {
    const says = "The model is off. No question is answered.";
    return [{ tone: "bad", says, path: PATH, words: "Switch it on" }];
  }
  return budgetNeeds(spending);
}

function budgetNeeds({ periods }: SpendingNow): Need[] {
  return periods.flatMap((period): Need[] => {
    const its = period.name === "Today" ? "today’s budget" : "this month’s budget";
    const { share = 0 } = period;
    if (period.isReached) {
      const says = `Questions are refused: ${its} is used up.`;
      return [{ tone: "bad", says, path: PATH, words: "Raise it" }];
    }
    if (share < WARNING_SHARE) return [];
    const says = `${formatShare(share)} of ${its} is used.`;
    return [{ tone: "warn", says, path: PATH, words: "See what is left" }];
  });
}
