import type { Database } from "bun:sqlite";

import type { Outcome } from "../../conversation/records.ts";
import { randomText } from "../../runtime/random-text.ts";
import {
  amountIn,
  COMMAND,
  type LimitState,
  LONGEST_CALL_MS,
  NOTHING,
  plus,
  refusalOf,
  reservedAmount,
} from "../spending-rules.ts";
import type { Amount, RefusedReservation, Reservation, Settlement } from "../spending-store.ts";
import type { NewTurn } from "../turn-store.ts";
import type { GroupCommit } from "./group-commit.ts";
import { HeldCalls } from "./held-calls.ts";
import { readHeld, type ReservedCall, writeHeld } from "./held-text.ts";
import { PartyShares, type Share } from "./party-shares.ts";
import { type HeldRow, prepareSpending, type SpendingStatements } from "./spending-queries.ts";

interface LedgerParts {
  readonly db: Database;
  readonly writes: GroupCommit;
  /** Whether a command makes the calls, beside the server. */
  readonly isCommand?: boolean;
}

interface Holding {
  /** What the answer's row is to keep. */
  readonly held?: string;
  /** Why nothing is set aside. */
  readonly refused?: RefusedReservation | undefined;
}

export const NOTHING_HELD: Holding = {};

/** How an answer ends, in a transaction. */
interface TurnEnd {
  /** What its row keeps, where this process may not have set it aside. */
  readonly held: string | null;
  /** Ends it with what it has cost, and returns whether it had not ended before. */
  readonly end: (cost: number | undefined) => boolean;
}

/**
 * The ledger in a SQLite file. What is set aside for a call is in the file until the call is settled, so that the next start
 * settles it after a crash: for an answer under way in its own row, which is written anyway, and for any other call in a
 * table. A server knows the sums of its own; those of commands are few.
 *
 * `hold…` and `end…` are for a transaction, which may be run more than once. What is known in memory follows once it is
 * over: see `holding` and `hasSettled`.
 */
export class SpendingLedger {
  readonly #statements: SpendingStatements;
  /** What another server has set aside is nobody's any more, because a file has one server only. */
  readonly #owner: string;
  readonly #held = new HeldCalls();
  readonly #shares: PartyShares;

  constructor({ db, writes, isCommand = false }: LedgerParts) {
    this.#statements = prepareSpending(db);
    this.#owner = isCommand ? COMMAND : randomText(8);
    this.#shares = new PartyShares(this.#statements, writes);
  }

  /**
   * Sets aside what an answer may cost.
   * @param historyTokens of the earlier messages
   */
  holdFor({ turnId: id, reservation }: NewTurn, historyTokens: number): Holding {
    if (reservation === undefined) return NOTHING_HELD;
    const { refused, call } = this.#hold({ ...reservation, id }, historyTokens);
    if (call === undefined) return { refused };
    return { held: writeHeld(call, { owner: this.#owner, at: reservation.at }) };
  }

  /** Sets aside what another call may cost, once. */
  hold(reservation: Reservation): RefusedReservation | undefined {
    const { id, day, month, at } = reservation;
    if (this.#statements.isHeld.get(id) !== null) return undefined;
    const { refused, call } = this.#hold(reservation, 0);
    if (call === undefined) return refused;
    const { inputTokens, outputTokens, cost } = call.amount;
    const keys = JSON.stringify(call.parties);
    const { hold } = this.#statements;
    hold.run(id, this.#owner, day, month, inputTokens, outputTokens, cost, keys, at);
    return undefined;
  }

  /**
   * Resolves as the transaction does that sets something aside for a call.
   * @param isHeld whether it has, in the end
   */
  async holding<Result>(
    id: string,
    transaction: Promise<Result>,
    isHeld: (result: Result) => boolean,
  ): Promise<Result> {
    const wasHeld = this.#held.find(id) !== undefined;
    let hasHeld = wasHeld;
    try {
      const result = await transaction;
      hasHeld ||= isHeld(result);
      return result;
    } finally {
      if (!hasHeld) this.#held.remove(id);
    }
  }

  /** Settles an answer that ends, also where it was erased meanwhile. Returns whether it had not ended before. */
  endTurn(turnId: string, outcome: Outcome, { held: text, end }: TurnEnd): boolean {
    const { spent } = outcome;
    const kept = this.#held.find(turnId) ?? (text === null ? undefined : readHeld(turnId, text));
    const hasEnded = end(spent === undefined ? kept?.amount.cost || undefined : spent.cost);
    // What was set aside for an answer that was stopped or erased is in the table.
    const held = hasEnded ? kept : this.#release(turnId);
    const amount = amountOfTurn(outcome);
    if (held !== undefined) this.#settle(held, amount);
    else if (spent?.isReserved === false && (hasEnded || !this.#hasEndedSo(turnId, outcome))) {
      this.#count({ ...spent, amount });
    }
    return hasEnded;
  }

  /** Settles a call that is no turn. */
  end(id: string, settlement: Settlement & { readonly isReserved: boolean }): void {
    const held = this.#release(id);
    if (held !== undefined) this.#settle(held, settlement.amount);
    else if (!settlement.isReserved) this.#count(settlement);
  }

  /** Settles what processes have set aside that are gone. Returns how many calls that were. */
  endOrphans(): number {
    if (this.#owner === COMMAND) return 0;
    const ended = Date.now() - LONGEST_CALL_MS;
    const orphans = this.#statements.releaseOrphans.all(this.#owner, COMMAND, ended);
    for (const row of orphans) this.#settle(toCall(row), undefined);
    return orphans.length;
  }

  /** A call was settled, and the transaction is committed. Undefined `amount`: with all that was set aside. */
  hasSettled(id: string, amount: Amount | undefined): void {
    const held = this.#held.remove(id);
    if (held !== undefined) this.#shares.add(held.shares, amount ?? held.amount);
  }

  /** Forgets the parties of earlier days. For a transaction. */
  forgetParties(before: string): void {
    this.#statements.forgetParties.run(before);
    this.#shares.forget(before);
  }

  /** Stores what is only in memory. */
  close(): Promise<void> {
    return this.#shares.close();
  }

  #hold(
    reservation: Reservation,
    historyTokens: number,
  ): { readonly refused?: RefusedReservation; readonly call?: ReservedCall } {
    const { id, day, month, unit, parties } = reservation;
    const amount = reservedAmount(reservation, historyTokens);
    // By an earlier run of the same transaction.
    this.#held.remove(id);
    const shares = this.#shares.findAll(
      day,
      parties.map(({ key }) => key),
    );
    const limits = this.#limitsOf(reservation, shares);
    const refused = refusalOf(amountIn(unit, amount), limits);
    if (refused !== undefined) return { refused };
    const once = shares.filter((share, index) => shares.indexOf(share) === index);
    const call = { id, day, month, amount, parties: once.map(({ party }) => party) };
    this.#held.add({ ...call, shares: once });
    return { call };
  }

  #hasEndedSo(turnId: string, { status, content, durationMs }: Outcome): boolean {
    return this.#statements.hasEndedSo.get(turnId, status, content, durationMs ?? null) !== null;
  }

  /** What is set aside for a call is no longer. Undefined: nothing was. */
  #release(id: string): ReservedCall | undefined {
    const row = this.#statements.release.get(id);
    return row === null ? undefined : toCall(row);
  }

  /** The shares of this process's calls are counted once the transaction is committed. */
  #settle(
    { id, day, month, amount: held, parties }: ReservedCall,
    amount: Amount | undefined,
  ): void {
    const spent = amount ?? held;
    this.#count({ day, month, amount: spent });
    if (this.#held.find(id) !== undefined) return;
    const { inputTokens, outputTokens, cost } = spent;
    for (const party of parties) {
      this.#statements.addShare.run(day, party, inputTokens, outputTokens, cost);
    }
  }

  #count({ day, month, amount }: Settlement): void {
    if (amount === undefined) return;
    const { inputTokens, outputTokens, cost } = amount;
    this.#statements.addSpent.run(inputTokens, outputTokens, cost, month, day);
  }

  /** The limits of a reservation, with what is used of them. */
  #limitsOf(
    { unit, day, month, perDay, perMonth, parties }: Reservation,
    shares: readonly Share[],
  ): readonly LimitState[] {
    const limits: LimitState[] = [];
    const add = (by: LimitState["by"], limit: number, spent: Amount, held: Amount) =>
      limits.push({ by, limit, spent: amountIn(unit, spent), held: amountIn(unit, held) });
    const heldIn = this.#readHeld();
    const spentIn = (period: string) => this.#statements.spentBy.get(period, "") ?? NOTHING;
    if (perMonth !== undefined) add("month", perMonth, spentIn(month), heldIn(month));
    if (perDay !== undefined) add("day", perDay, spentIn(day), heldIn(day));
    for (const [index, { limit }] of parties.entries()) {
      const share = shares[index];
      if (share) add("party", limit, share.spent, share.held);
    }
    return limits;
  }

  /** What everybody has set aside, by period. */
  #readHeld(): (period: string) => Amount {
    if (this.#owner === COMMAND) {
      const sums = new Map(this.#statements.held.all().map((sum) => [sum.period, sum]));
      return (period) => sums.get(period) ?? NOTHING;
    }
    const ofCommands = this.#statements.heldByCommands.all();
    return (period) => {
      const own = this.#held.sumIn(period);
      const theirs = ofCommands.filter(({ day, month }) => day === period || month === period);
      return theirs.map((row) => toCall(row).amount).reduce(plus, own);
    };
  }
}

/** What an answer is counted as. Undefined: as what was set aside for it. */
export function amountOfTurn({ spent }: Pick<Outcome, "spent">): Amount | undefined {
  return spent && { ...spent, cost: spent.cost ?? 0 };
}

function toCall({ id, day, month, parties, ...sums }: HeldRow): ReservedCall {
  const { input_tokens: inputTokens, output_tokens: outputTokens, cost } = sums;
  return {
    id,
    day,
    month,
    amount: { inputTokens, outputTokens, cost },
    parties: JSON.parse(parties),
  };
}
