import type { Database } from "bun:sqlite";

import type { HistoryMessage, Outcome } from "../../conversation/records.ts";
import { estimateTokens } from "../../conversation/token-estimate.ts";
import { randomText } from "../../runtime/random-text.ts";
import {
  COMMAND,
  type LimitState,
  LONGEST_CALL_MS,
  NOTHING,
  refusalOf,
  reservedAmount,
} from "../spending-rules.ts";
import type {
  Amount,
  Periods,
  RefusedReservation,
  Reservation,
  Settlement,
} from "../spending-store.ts";
import type { NewTurn } from "../turn-store.ts";
import { type HeldRow, prepareSpending } from "./spending-queries.ts";

/** The ledger in a SQLite file. Each method is for a transaction that others have begun. */
export class SpendingLedger {
  readonly #statements;
  /** What another server has set aside is nobody's any more, because a file has one server only. */
  readonly #owner: string;

  constructor(db: Database, { isCommand = false }: { readonly isCommand?: boolean } = {}) {
    this.#statements = prepareSpending(db);
    this.#owner = isCommand ? COMMAND : randomText(8);
  }

  /** Sets aside what an answer may cost. */
  holdFor({ turnId: id, reservation }: NewTurn, history: readonly HistoryMessage[]) {
    if (reservation === undefined) return undefined;
    const earlier = history.slice(0, -1).map(({ content }) => estimateTokens(content));
    return this.hold(
      { ...reservation, id },
      earlier.reduce((sum, each) => sum + each, 0),
    );
  }

  /** Sets aside what a call may cost, or says why it does not fit. */
  hold(reservation: Reservation, historyTokens = 0): RefusedReservation | undefined {
    const { id, day, month, unit, at } = reservation;
    if (this.#statements.held.get(id) !== null) return undefined;
    const amount = reservedAmount(reservation, historyTokens);
    const parties = [...new Set(reservation.parties.map(({ key }) => key))];
    const refusal = refusalOf(sizeOf(amount, unit), this.#limitsOf(reservation));
    if (refusal !== undefined) return refusal;
    const { inputTokens, outputTokens, cost } = amount;
    const keys = JSON.stringify(parties);
    const { hold } = this.#statements;
    hold.run(id, this.#owner, day, month, inputTokens, outputTokens, cost, keys, at);
    this.#add({ day, month }, parties, NOTHING, amount, 1);
    return undefined;
  }

  /**
   * Settles an answer that ends, also where it was erased meanwhile.
   * @param end ends the answer with what it has cost, and returns whether it had not ended before
   */
  settleTurn(
    turnId: string,
    outcome: Outcome,
    end: (cost: number | undefined) => boolean,
  ): boolean {
    const { spent } = outcome;
    const held = this.#release(turnId);
    const hasEnded = end(
      held === undefined || spent !== undefined ? spent?.cost : held.cost || undefined,
    );
    const amount = spent && { ...spent, cost: spent.cost ?? 0 };
    if (held !== undefined) this.#settleHeld(held, amount);
    else if (spent?.isReserved === false && (hasEnded || !this.#hasEndedSo(turnId, outcome))) {
      this.#count({ ...spent, amount });
    }
    return hasEnded;
  }

  /** Settles a call that is no turn. */
  settle(id: string, settlement: Settlement & { readonly isReserved: boolean }): void {
    const held = this.#release(id);
    if (held !== undefined) this.#settleHeld(held, settlement.amount);
    else if (!settlement.isReserved) this.#count(settlement);
  }

  /** Settles what processes have set aside that are gone. Returns how many calls that were. */
  settleOrphans(): number {
    if (this.#owner === COMMAND) return 0;
    const ended = Date.now() - LONGEST_CALL_MS;
    const orphans = this.#statements.releaseOrphans.all(this.#owner, COMMAND, ended);
    for (const held of orphans) this.#settleHeld(held, undefined);
    return orphans.length;
  }

  /** The limits of a reservation, with what is used of them. */
  #limitsOf({ day, month, perDay, perMonth, parties, unit }: Reservation): readonly LimitState[] {
    const limits: LimitState[] = [];
    const add = (by: LimitState["by"], limit: number | undefined, period: string, party = "") => {
      if (limit === undefined) return;
      const used = this.#statements.used.get(period, party);
      const spent = (unit === "money" ? used?.cost : used?.tokens) ?? 0;
      const held = (unit === "money" ? used?.held_cost : used?.held_tokens) ?? 0;
      limits.push({ by, limit, spent, held });
    };
    add("month", perMonth, month);
    add("day", perDay, day);
    for (const { key, limit } of parties) add("party", limit, day, key);
    return limits;
  }

  #hasEndedSo(turnId: string, { status, content, durationMs }: Outcome): boolean {
    return this.#statements.hasEndedSo.get(turnId, status, content, durationMs ?? null) !== null;
  }

  /** What is set aside for a call is set aside no more. It has to be settled. Undefined: nothing was. */
  #release(id: string): HeldRow | undefined {
    return this.#statements.release.get(id) ?? undefined;
  }

  /** Counts what a call has spent in place of what was set aside for it. Undefined: all of that. */
  #settleHeld(held: HeldRow, amount: Amount | undefined): void {
    const whole = amountOf(held);
    const parties: string[] = JSON.parse(held.parties);
    this.#add(held, parties, amount ?? whole, whole, -1);
  }

  /** Counts what a call has spent for which nothing was set aside. */
  #count({ day, month, amount }: Settlement): void {
    if (amount !== undefined) this.#add({ day, month }, [], amount, NOTHING, 1);
  }

  #add(
    { day, month }: Periods,
    parties: readonly string[],
    spent: Amount,
    held: Amount,
    sign: 1 | -1,
  ): void {
    this.#statements
      .add(parties.length)
      .run(
        spent.inputTokens,
        spent.outputTokens,
        spent.cost,
        sign * held.inputTokens,
        sign * held.outputTokens,
        sign * held.cost,
        month,
        day,
        ...parties,
      );
  }
}

function amountOf({ input_tokens, output_tokens, cost }: HeldRow): Amount {
  return { inputTokens: input_tokens, outputTokens: output_tokens, cost };
}

/** An amount in the unit of the budget. */
function sizeOf({ inputTokens, outputTokens, cost }: Amount, unit: Reservation["unit"]): number {
  return unit === "money" ? cost : inputTokens + outputTokens;
}
