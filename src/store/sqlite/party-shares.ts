import { SECOND_MS } from "../../runtime/time.ts";
import type { Amount } from "../spending-store.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { SpendingStatements } from "./spending-queries.ts";
import { Sum } from "./sum.ts";

/** What a party uses of a day. */
export interface Share {
  readonly day: string;
  readonly party: string;
  readonly spent: Sum;
  /** What is set aside for its calls under way. */
  readonly held: Sum;
  /** What of `spent` is not in the file yet. */
  readonly unsaved: Sum;
}

/** How long it may take until a share is in the file. A server that is killed forgets as much of it. */
const SAVE_AFTER_MS = 5 * SECOND_MS;
/** Bounds the time that shares block the event loop, at about 5 µs each. */
const SAVED_AT_ONCE = 200;
/** How many are kept in memory besides those that are in use, or are not in the file yet. */
const MAX_KNOWN = 10_000;

/**
 * What parties use of a day. Each question has parties of its own, whose rows are anywhere in the table: to write them with
 * each question would take a fifth of its time. So they are written a few together, in the order of their keys.
 */
export class PartyShares {
  readonly #statements: SpendingStatements;
  readonly #writes: GroupCommit;
  readonly #known = new Map<string, Share>();
  readonly #unsaved = new Set<Share>();
  #maxKnown = MAX_KNOWN;
  #timer: Timer | undefined;

  constructor(statements: SpendingStatements, writes: GroupCommit) {
    this.#statements = statements;
    this.#writes = writes;
  }

  /** The shares of a call's parties. They are forgotten only before, because nothing is set aside for the call yet. */
  findAll(day: string, parties: readonly string[]): Share[] {
    if (this.#known.size >= this.#maxKnown) this.#forgetUnused();
    return parties.map((party) => this.#find(day, party));
  }

  #find(day: string, party: string): Share {
    const name = `${day} ${party}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const spent = new Sum(this.#statements.spentBy.get(day, party));
    const found = { day, party, spent, held: new Sum(), unsaved: new Sum() };
    this.#known.set(name, found);
    return found;
  }

  /** Call it once the transaction is committed that it belongs to. */
  add(shares: readonly Share[], amount: Amount): void {
    for (const share of shares) {
      share.spent.add(amount);
      share.unsaved.add(amount);
      this.#unsaved.add(share);
    }
    if (shares.length > 0) this.#saveLater();
  }

  /** Forgets those of earlier days that no call under way uses. */
  forget(before: string): void {
    for (const [name, share] of this.#known) {
      if (share.day >= before || !share.held.isZero) continue;
      this.#known.delete(name);
      this.#unsaved.delete(share);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#save();
  }

  #saveLater(): void {
    this.#timer ??= setTimeout(() => void this.#save(), SAVE_AFTER_MS).unref();
  }

  async #save(): Promise<void> {
    const unsaved = [...this.#unsaved].toSorted(byKey);
    try {
      while (unsaved.length > 0) await this.#saveSome(unsaved.splice(0, SAVED_AT_ONCE));
    } catch {
      // A disk that is full, for example. They stay unsaved, and are tried again.
    }
    this.#timer = undefined;
    if (this.#unsaved.size > 0) this.#saveLater();
  }

  async #saveSome(shares: readonly Share[]): Promise<void> {
    const rows = shares.map(({ day, party, unsaved }) => ({ day, party, added: new Sum(unsaved) }));
    await this.#writes.write(() => {
      for (const { day, party, added } of rows) {
        const { inputTokens, outputTokens, cost } = added;
        this.#statements.addShare.run(day, party, inputTokens, outputTokens, cost);
      }
    });
    for (const [index, share] of shares.entries()) {
      const added = rows[index]?.added;
      if (added) share.unsaved.add(added, -1);
      if (share.unsaved.isZero) this.#unsaved.delete(share);
    }
  }

  #forgetUnused(): void {
    for (const [name, share] of this.#known) {
      if (share.held.isZero && share.unsaved.isZero) this.#known.delete(name);
    }
    // It is not looked through again for each new one while many are in use.
    this.#maxKnown = this.#known.size + MAX_KNOWN;
  }
}

function byKey(one: Share, other: Share): number {
  if (one.day !== other.day) return one.day < other.day ? -1 : 1;
  return one.party < other.party ? -1 : 1;
}
