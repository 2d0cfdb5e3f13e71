import type { Database } from "bun:sqlite";

import { DamagedDatabaseError, isDamage } from "./damage.ts";
import { isBusy } from "./lock.ts";

/** How long a write waits for another process that holds the write lock, and how often it looks. */
const PATIENCE_MS = 5000;
const RETRY_MS = 20;
/** What bounds the time that a group keeps the event loop, at some 25 µs a write. */
const MAX_GROUP_SIZE = 64;

/** Told, in milliseconds, how long a transaction kept the event loop until it was committed. */
export type OnCommit = (durationMs: number) => void;

interface Write {
  /** Runs the work, inside a transaction, and keeps what it returned. */
  readonly run: () => void;
  /** Says that what was run is committed. */
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
  /** Milliseconds of the monotonic clock after which waiting for the lock ends. */
  readonly patience: number;
}

/**
 * Runs writes in the order in which they were asked for, each in a transaction, and those of one turn of
 * the event loop in one together: a commit costs more than what it commits. A write that fails takes
 * nothing with it, since the group is then run again one by one.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #onCommit: OnCommit;
  // Prepared once; the wrapper that db.transaction() makes costs as much as a small write.
  readonly #begin;
  readonly #end;
  readonly #undo;
  #waiting: Write[] = [];
  #isScheduled = false;
  #damage: DamagedDatabaseError | undefined;

  constructor(db: Database, onCommit: OnCommit = () => {}) {
    this.#db = db;
    this.#onCommit = onCommit;
    this.#begin = db.query("BEGIN IMMEDIATE");
    this.#end = db.query("COMMIT");
    this.#undo = db.query("ROLLBACK");
  }

  /**
   * Resolves once the work is committed. The work may run more than once, so it does nothing but
   * read and write the database.
   * @throws what the work throws, DamagedDatabaseError, or SQLITE_BUSY when another process held the
   * lock for too long
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        run: () => {
          result = work();
        },
        succeed: () => resolve(result),
        fail: reject,
        patience: performance.now() + PATIENCE_MS,
      });
      if (!this.#isScheduled) this.#schedule();
    });
  }

  /** There from the first write on that failed because the file is damaged: no restart mends that. */
  get damage(): DamagedDatabaseError | undefined {
    return this.#damage;
  }

  /** Resolves when everything that was asked for before is committed, or has failed. */
  async close(): Promise<void> {
    while (this.#isScheduled) await this.write(() => undefined).catch(() => undefined);
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(() => this.#commit());
  }

  #commit(): void {
    const group = this.#waiting.splice(0, MAX_GROUP_SIZE);
    const hasLock = this.#run(group) ?? this.#runOneByOne(group);
    if (!hasLock) {
      this.#waitForLock(group);
      return;
    }
    if (this.#waiting.length > 0) this.#schedule();
    else this.#isScheduled = false;
  }

  /** True when the group is committed, false when it had to wait, undefined when something failed. */
  #run(group: readonly Write[], onError?: (error: unknown) => void): boolean | undefined {
    const startedAt = performance.now();
    try {
      this.#begin.run();
      for (const write of group) write.run();
      this.#end.run();
    } catch (error) {
      // A full disk has ended the transaction by itself.
      if (this.#db.inTransaction) this.#undo.run();
      if (isBusy(error)) return false;
      const damage = isDamage(error)
        ? new DamagedDatabaseError(this.#db.filename, error)
        : undefined;
      this.#damage = damage ?? this.#damage;
      onError?.(damage ?? error);
      return undefined;
    }
    this.#onCommit(performance.now() - startedAt);
    for (const write of group) write.succeed();
    return true;
  }

  #runOneByOne(group: Write[]): boolean {
    while (group[0] !== undefined) {
      const [write] = group;
      if (this.#run([write], write.fail) === false) return false;
      group.shift();
    }
    return true;
  }

  /** Waits without stopping the event loop, which SQLite's own busy_timeout would. */
  #waitForLock(group: readonly Write[]): void {
    const now = performance.now();
    const patient = group.filter(({ patience }) => patience > now);
    for (const write of group) if (write.patience <= now) write.fail(busyError());
    this.#waiting.unshift(...patient);
    setTimeout(() => this.#commit(), RETRY_MS);
  }
}

function busyError(): Error {
  return Object.assign(new Error("The database is locked by another process."), {
    code: "SQLITE_BUSY",
  });
}
