import type { SpendingSettings } from "../config/spending.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import { ModelError } from "../model/model.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { RefusedReservation } from "../store/spending-store.ts";

/** When calls under way are in the way, some of what is set aside for them is soon free again. */
const SOON_SECONDS = 5;

interface Moment {
  /** Milliseconds since the epoch, like the ends of the periods. */
  readonly at: number;
  readonly ends: { readonly day: number; readonly month: number };
}

/** The error for a visitor whose question the budgets have no room for. */
export function budgetError(
  { by, isForNow }: RefusedReservation,
  { message }: Pick<SpendingSettings, "message">,
  { at, ends }: Moment,
): AppError {
  const end = by === "month" ? ends.month : ends.day;
  const wait = isForNow ? SOON_SECONDS : Math.max(1, Math.ceil((end - at) / SECOND_MS));
  const headers = { "retry-after": String(wait) };
  if (by === "party") return new AppError("share_reached", { headers });
  return new AppError("budget_reached", { headers, sentence: message });
}

/** The error for a visitor while the owner has switched the model off. */
export function offError({ message }: Pick<SpendingSettings, "message">): AppError {
  return new AppError("model_off", { sentence: message });
}

/** A call that no visitor waits for is not made. The sentences are for the owner. */
export class RefusedCall extends ModelError {
  readonly reason: Extract<ErrorCode, "budget_reached" | "model_off">;

  constructor(reason: RefusedCall["reason"]) {
    const says = SAYS[reason];
    const mend = "Look at Settings, Spending.";
    super("model_error", says, undefined, { says, mend, isFree: true });
    this.reason = reason;
  }
}

const SAYS = {
  budget_reached: "the model was not asked: the budget has no room for it",
  model_off: "the model was not asked: it is switched off",
} as const;
