import type { Pool } from "./pool.ts";

/** How often it is looked whether a lost beginning has come to the database after all. */
const INTERVAL_MS = 2000;
/** A network keeps what it could not deliver for minutes. */
const KEPT_MS = 15 * 60 * 1000;

const END = `SELECT finish_turn(turn_id, content, '', '', 'interrupted', NULL, 'interrupted',
    NULL, NULL, NULL, NULL, NULL, created_at, 0, 1, NULL, false)
  FROM messages WHERE turn_id = ANY ($1::text[]) AND role = 'assistant' AND status = 'streaming'`;

/**
 * Turns that were refused because no answer came from the database. The statement may still be on its way, and
 * would begin an answer that nobody generates and that keeps its session busy. So such an answer is ended as soon
 * as it is there.
 */
export class LostBeginnings {
  readonly #pool: Pool;
  /** When each turn was lost, by performance.now. */
  readonly #lostAt = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  note(turnId: string): void {
    this.#lostAt.set(turnId, performance.now());
    this.#timer ??= setInterval(() => void this.#end(), INTERVAL_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #end(): Promise<void> {
    try {
      await this.#pool.query(END, [[...this.#lostAt.keys()]]);
    } catch {
      // The database is still away. The next look follows.
      return;
    }
    for (const [turnId, at] of this.#lostAt) {
      if (performance.now() - at > KEPT_MS) this.#lostAt.delete(turnId);
    }
    if (this.#lostAt.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
