import type { Database } from "bun:sqlite";

import { DamagedDatabaseError, isDamage } from "./damage.ts";
import { isBusy } from "./lock.ts";

/** How long a write waits for another process that holds the write lock, and how often it tries. */
const PATIENCE_MS = 5000;
const RETRY_MS = 20;
/** Bounds the time that a group blocks the event loop, at about 25 µs for a write. */
const MAX_GROUP_SIZE = 64;

/** Called after each commit with the time that the transaction blocked the event loop, in milliseconds. */
export type OnCommit = (durationMs: number) => void;

interface Write {
  /** Runs the work inside a transaction and keeps its result. */
  readonly run: () => void;
  /** Called when the transaction is committed. */
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
  /** The time of the monotonic clock, in milliseconds, at which waiting for the lock ends. */
  readonly patience: number;
}

/**
 * Runs writes in transactions, in the order of the calls. The writes of one turn of the event loop share a
 * transaction, because a commit costs more than a write. When one of them fails, the group is run again one
 * by one, so that a failed write does not affect the others.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #onCommit: OnCommit;
  // Prepared once, because the wrapper from db.transaction() costs as much as a small write.
  readonly #begin;
  readonly #end;
  readonly #undo;
  #waiting: Write[] = [];
  #isScheduled = false;
  #isClosed = false;
  #damage: DamagedDatabaseError | undefined;

  constructor(db: Database, onCommit: OnCommit = () => {}) {
    this.#db = db;
    this.#onCommit = onCommit;
    this.#begin = db.query("BEGIN IMMEDIATE");
    this.#end = db.query("COMMIT");
    this.#undo = db.query("ROLLBACK");
  }

  /**
   * Resolves once the work is committed. The work may run more than once, so it must only read and write
   * the database.
   * @throws what the work throws, DamagedDatabaseError, SQLITE_BUSY when another process held the lock for too
   * long, or an error after `close`
   */
  write<T>(work: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Error("The database is closed."));
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

  /** Set after the first write that failed because the file is damaged. A restart does not repair that. */
  get damage(): DamagedDatabaseError | undefined {
    return this.#damage;
  }

  /** Resolves when all earlier writes are committed or have failed. There are no later ones. */
  async close(): Promise<void> {
    // The failure of a write was reported to its own caller.
    while (this.#isScheduled) await this.write(() => undefined).catch(() => undefined);
    this.#isClosed = true;
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
      // After an error such as a full disk, SQLite may have ended the transaction itself.
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

  /** Waits without blocking the event loop, unlike SQLite's own busy_timeout. */
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
