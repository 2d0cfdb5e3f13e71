import type { BudgetUnit } from "../config/spending.ts";
import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { Conversation } from "../conversation/records.ts";
import type { PersonRequest } from "../store/request-store.ts";
import type { StoredTurn } from "../store/turn-store.ts";

/** What is spent of a budget when the notice is sent. Sums are in its unit: of money, in millionths. */
export interface SpentBudget {
  /** Such as 2026-11-26 or 2026-11. */
  readonly period: string;
  readonly unit: BudgetUnit;
  readonly spent: number;
  readonly limit: number;
  /** Three letters. */
  readonly currency: string;
}

/** What the owner is notified of, as it is stored at the moment of sending. */
export interface Notice {
  /** The same in every attempt: `msg_` and random characters, without dots. */
  readonly eventId: string;
  readonly kind: NoticeKind;
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  /** Undefined: it is about no conversation. */
  readonly conversation: Conversation | undefined;
  /** What the conversation began with. */
  readonly firstQuestion: string | undefined;
  /** Undefined: it is about the whole conversation. */
  readonly turn: StoredTurn | undefined;
  /**
   * The visitor's wishes to reach a person, the newest first. Of `handoff.requested`: those after this turn that are open. Of
   * `visitor.wrote`: his last one. None otherwise.
   */
  readonly requests: readonly PersonRequest[];
  /** The budget that it is about. Undefined: it is about none. */
  readonly budget?: SpentBudget | undefined;
  /** The page of the dashboard that shows it. Undefined while PUBLIC_URL is not set. */
  readonly link: string | undefined;
}
