import type { Database } from "bun:sqlite";

/** What is stored is in the database file, and survives a power cut, after this time at the latest. */
const MAX_DELAY_MS = 5000;
/** One that a reader (a backup) holds up is tried again after this time. */
const RETRY_MS = 1000;

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
      this.#run("PASSIVE");
    }, MAX_DELAY_MS).unref();
  }

  /**
   * Also empties the WAL, so that deleted text is in neither. Where a reader holds that up, it is tried
   * again until it is done.
   */
  scrub(): void {
    clearTimeout(this.#scrubTimer);
    if (this.#run("TRUNCATE")) return;
    this.#scrubTimer = setTimeout(() => this.scrub(), RETRY_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#scrubTimer);
    this.#run("TRUNCATE");
  }

  #run(mode: "PASSIVE" | "TRUNCATE"): boolean {
    try {
      const checkpoint = this.#db.query<{ busy: number }, []>(`PRAGMA wal_checkpoint(${mode})`);
      return checkpoint.get()?.busy === 0;
    } catch {
      // A full disk, say; what was stored is stored, and the next try comes.
      return false;
    }
  }
}
