import type { Database } from "bun:sqlite";

/**
 * After this time what was stored is in the database file, and survives a power cut; after the next such
 * time where a reader (a backup) or a full disk holds that up.
 */
const DELAY_MS = 5000;
/** Emptying the WAL, where a reader holds that up, is tried again after this time. */
const SCRUB_RETRY_MS = 1000;

/** What SQLite tells of a checkpoint: pages in the WAL, and how many of them it has copied. */
interface Copied {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Copies the WAL into the database, from time to time. Beside it, SQLite does so by itself when the WAL
 * has grown to the pages that open.ts names, which only a busy server reaches in time.
 */
export class Checkpoints {
  readonly #db: Database;
  #timer: Timer | undefined;
  #scrubTimer: Timer | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** To be called after each commit. */
  committed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (!this.#run("PASSIVE")) this.committed();
    }, DELAY_MS).unref();
  }

  /**
   * Also empties the WAL, so that deleted text is in neither. Where a reader holds that up, it is tried
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

  /** Whether all of the WAL could be copied. */
  #run(mode: "PASSIVE" | "TRUNCATE"): boolean {
    try {
      const copied = this.#db.query<Copied, []>(`PRAGMA wal_checkpoint(${mode})`).get();
      return copied?.busy === 0 && copied.checkpointed === copied.log;
    } catch {
      // A full disk, say; what was stored is stored, and the next try comes.
      return false;
    }
  }
}
