import { MINUTE_MS, SECOND_MS } from "../../runtime/time.ts";
import type { Pool } from "./pool.ts";
import { SPENT_NOTHING } from "./spending-values.ts";

/** How often it is looked whether a lost beginning has come to the database after all. */
const INTERVAL_MS = 2 * SECOND_MS;
/** A network may deliver after minutes what it was given. */
const LOOKED_FOR_MS = 15 * MINUTE_MS;

const UNDER_WAY = `SELECT turn_id AS id FROM messages
  WHERE status = 'streaming' AND owner = ANY ($1::text[])`;

const END = `SELECT finish_turn(turn_id, content, '', '', 'interrupted', NULL, 'interrupted',
    NULL, NULL, NULL, NULL, NULL, created_at, 0, 1, NULL, false, NULL, NULL, (created_at / 86400000)::integer,
    $2::text::json)
  FROM messages WHERE turn_id = $1 AND role = 'assistant' AND status = 'streaming'`;

/** Whoever repeats the question under its key gets an answer. The key names no turn any more. */
const FREE_KEY = `UPDATE messages SET idempotency_key = NULL
  WHERE turn_id = $1 AND role = 'assistant' AND status = 'interrupted'`;

/**
 * Turns that were refused because no answer came from the database. The statement may still be on its way, and
 * would begin an answer that nobody generates and that keeps its session busy. So for a while, answers of this
 * process that are under way in the database, and of which it does not know, are ended.
 */
export class LostBeginnings {
  readonly #pool: Pool;
  /** The turns that this process begins, or has begun and not ended. */
  readonly #known = new Set<string>();
  /** Under which names this process has lost turns. */
  readonly #owners = new Set<string>();
  #lookUntil = 0;
  #timer: Timer | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** A turn of this process is about to begin. */
  add(turnId: string): void {
    this.#known.add(turnId);
  }

  /** The turn has not begun, or has ended. */
  remove(turnId: string): void {
    this.#known.delete(turnId);
  }

  /** Nobody knows whether the turn has begun. */
  lose(turnId: string, owner: string): void {
    this.#known.delete(turnId);
    this.#owners.add(owner);
    this.#lookUntil = performance.now() + LOOKED_FOR_MS;
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const underWay = await this.#pool.query<{ id: string }>(UNDER_WAY, [[...this.#owners]]);
      const lost = underWay.map(({ id }) => id).filter((id) => !this.#known.has(id));
      // One at a time: a statement that locked several rows could wait for a question that waits for it.
      for (const id of lost) {
        await this.#pool.query(END, [id, SPENT_NOTHING]);
        await this.#pool.query(FREE_KEY, [id]);
      }
    } catch {
      // The database is still away. The next look follows.
      return;
    }
    if (performance.now() < this.#lookUntil) return;
    this.#owners.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
