import { MINUTE_MS } from "../../runtime/time.ts";
import type { Pool } from "./pool.ts";

/** The pause between the beginnings of two runs, however much is erased. */
const PAUSE_MS = MINUTE_MS;

/** Of several replicas that have erased, one does it. */
const VACUUM =
  "VACUUM (SKIP_LOCKED) conversations, messages, requests, knowledge_documents, knowledge_sections";

/**
 * Runs VACUUM after erasures. Until then the deleted rows are in the files of the tables, where no query finds
 * them. PostgreSQL's own autovacuum makes up for a run that fails or is never done.
 */
export class Vacuum {
  readonly #pool: Pick<Pool, "reserve">;
  readonly #pauseMs: number;
  #timer: Timer | undefined;
  #begunAt = Number.NEGATIVE_INFINITY;
  #isRunning = false;
  /** Whether something was erased since the run under way has begun. */
  #isRequested = false;
  #isClosed = false;

  constructor(pool: Pick<Pool, "reserve">, pauseMs = PAUSE_MS) {
    this.#pool = pool;
    this.#pauseMs = pauseMs;
  }

  /** Call it after an erasure. Those of a minute share a run, and there is one run at a time. */
  request(): void {
    this.#isRequested = true;
    if (this.#isClosed || this.#isRunning || this.#timer !== undefined) return;
    const dueMs = this.#begunAt + this.#pauseMs - performance.now();
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, dueMs)).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    this.#begunAt = performance.now();
    this.#timer = undefined;
    [this.#isRunning, this.#isRequested] = [true, false];
    try {
      // It has no deadline: a large table takes minutes, in which nobody waits for it.
      using connection = await this.#pool.reserve();
      await connection.unsafe(VACUUM);
    } catch {
      // Autovacuum does it.
    }
    this.#isRunning = false;
    if (this.#isRequested) this.request();
  }
}
