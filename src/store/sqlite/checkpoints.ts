import type { Database } from "bun:sqlite";

/**
 * After this time, stored data is in the database file and survives a power cut. When a reader (a backup) or
 * a full disk prevents that, it is tried again after the same time.
 */
const DELAY_MS = 5000;
/** When a reader prevents the WAL from being emptied, it is tried again after this time. */
const SCRUB_RETRY_MS = 1000;

/** SQLite's result of a checkpoint: the pages in the WAL, and how many of them were copied. */
interface Copied {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Copies the WAL into the database from time to time. SQLite also does so by itself, but only when the WAL
 * has grown to CHECKPOINT_PAGES (open.ts), which takes a quiet server too long.
 */
export class Checkpoints {
  readonly #db: Database;
  #timer: Timer | undefined;
  #scrubTimer: Timer | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Call it after each commit. */
  committed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#run("PASSIVE")) this.committed();
    }, DELAY_MS).unref();
  }

  /**
   * Also empties the WAL, so that deleted text is in neither file. When a reader prevents that, it is tried
   * again until it is done.
   */
  scrub(): void {
    clearTimeout(this.#scrubTimer);
    if (this.#run("TRUNCATE")) return;
    this.#scrubTimer = setTimeout(() => this.scrub(), SCRUB_RETRY_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#scrubTimer);
    this.#run("TRUNCATE");
  }

  /** Returns whether the whole WAL was copied. */
  #run(mode: "PASSIVE" | "TRUNCATE"): boolean {
    try {
      const copied = this.#db.query<Copied, []>(`PRAGMA wal_checkpoint(${mode})`).get();
      return copied?.busy === 0 && copied.checkpointed === copied.log;
    } catch {
      // The disk may be full, for example. The data is safe in the WAL, and the next try follows.
      return false;
    }
  }
}
