import type { ModelPrices } from "../config/model-prices.ts";
import type { BudgetUnit } from "../config/spending.ts";

/** What calls of the model cost. */
export interface Amount {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In millionths of the owner's currency. 0 where no prices are known. */
  readonly cost: number;
}

/** The day and the month that a call is counted to, in the owner's time zone. */
export interface Periods {
  /** Such as 2026-11-26. */
  readonly day: string;
  /** Such as 2026-11. */
  readonly month: string;
}

/** One who may use a part of the day's budget only: a session or a network, as a keyed digest. */
export interface Party {
  readonly key: string;
  /** In the unit of the budget. */
  readonly limit: number;
}

/** What a call may cost at most. It is set aside before the call, and settled when it is over. */
export interface Reservation extends Periods {
  /** Of the turn, or of another call. */
  readonly id: string;
  /** The replica that makes the call (Peers.self). Empty in a single process. */
  readonly owner: string;
  /** The earlier messages of a turn's conversation are left out: the store adds them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prices: ModelPrices;
  readonly unit: BudgetUnit;
  /** In the unit. Undefined: without end. */
  readonly perDay: number | undefined;
  readonly perMonth: number | undefined;
  readonly parties: readonly Party[];
  readonly at: number;
}

/** Why nothing was set aside. */
export interface RefusedReservation {
  readonly by: "day" | "month" | "party";
  /** Only calls under way are in the way: some of it will be free again when they are over. */
  readonly isForNow: boolean;
}

/** What has been spent in a period, and what is set aside for calls under way. */
export interface Spent extends Amount {
  readonly period: string;
  readonly held: Amount;
}

/** What an ended call is settled with. Undefined `amount`: the whole reservation, because nobody knows. */
export interface Settlement extends Periods {
  readonly amount: Amount | undefined;
}

export interface BudgetNote {
  readonly period: string;
  /** 80 % of the budget, or all of it. */
  readonly mark: "warning" | "reached";
  /** The budget, in its unit. */
  readonly limit: number;
  readonly at: number;
}

/**
 * What the model costs: sums for each day and month, and what is set aside for calls under way. beginTurn reserves and
 * finishTurn settles, each in its own transaction; the methods here are for all other calls. Sums stay when conversations
 * are erased. What was reserved counts until it is settled, also after a crash: then as a whole.
 */
export interface SpendingStore {
  /** Sets aside what a call may cost. Repeated with the same id, it is set aside once. */
  reserve(reservation: Reservation): Promise<RefusedReservation | undefined>;
  /**
   * Settles a call, once: in the periods of its reservation, or, of a call without one, in those that are given. A call whose
   * reservation was settled by somebody else (isReserved) changes nothing.
   */
  settle(id: string, settlement: Settlement & { readonly isReserved: boolean }): Promise<void>;
  /** Settles the reservations of processes that are gone, each as a whole, and forgets the parties of other days. */
  settleOrphans(today: string): Promise<number>;
  /** What was spent in these periods. One without any calls has zeros. */
  spentIn(periods: readonly string[]): Promise<readonly Spent[]>;
  /** What was spent on each day from one to another, both included. Days without any calls are left out. */
  spentByDay(from: string, to: string): Promise<readonly Spent[]>;
  /**
   * Notes that 80 % of a period's budget are spent, or all of it, which the outbox notices: once for each budget, so that
   * one which is raised is noted again. A warning that comes after the end is not noted. Returns whether it was the first
   * time.
   */
  noteSpending(note: BudgetNote): Promise<boolean>;
}
