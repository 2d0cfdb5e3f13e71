import { SQL } from "bun";

import { DeadlineError } from "../../runtime/deadline.ts";
import { MINUTE_MS, SECOND_MS } from "../../runtime/time.ts";
import { StoreUnavailableError } from "../unavailable.ts";
import { retryAfter } from "./retries.ts";
import { Turnstile } from "./turnstile.ts";

type Value = string | number | boolean | null | undefined | readonly string[] | readonly number[];

export interface Patience {
  /** How long to wait for the answer to a statement. */
  readonly deadlineMs: number;
  /** How long to try in all, with a new connection where the old one is silent. */
  readonly budgetMs: number;
}

export interface PoolOptions extends Patience {
  /** The number of connections that it opens at most. */
  readonly connections: number;
}

/** Rows, and how many the statement has returned, changed or deleted. */
export type Rows<Row> = readonly Row[] & { readonly count: number };

/** Runs a statement of a transaction. */
export type Run = <Row>(text: string, values?: readonly Value[]) => Promise<readonly Row[]>;

/** How long to wait before the first repetition. It doubles with each one. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 320;
/** Routers forget a silent connection after some minutes, and then lose what is sent on it. */
const IDLE_TIMEOUT_MS = 2 * MINUTE_MS;
/** A statement that had less time, because it waited for its turn, says nothing about its connection. */
const SILENCE_MS = 1000;
/** With two answers missing in this time, the connections count as dead, and new ones are made. */
const MISSES_APART_MS = 10_000;

/**
 * Connections to PostgreSQL. Bun's own have no deadline: behind a broken network, a query waits for ever and
 * nothing can cancel it. So each statement races with a timer, and a pool that stays silent is replaced.
 */
export class Pool {
  readonly #url: string;
  readonly #options: PoolOptions;
  readonly #turnstile: Turnstile;
  #sql: SQL;
  #missedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(url: string, options: PoolOptions) {
    this.#url = url;
    this.#options = options;
    this.#turnstile = new Turnstile(options.connections);
    this.#sql = this.#connect();
  }

  /**
   * Runs one statement, in a transaction of its own. It is run again while its outcome is unknown or the server
   * cannot take it now, so running it twice must do no harm.
   * @param values of $1, $2, …; or a function of whether an earlier try may have succeeded
   * @throws StoreUnavailableError, or SQL.PostgresError when the statement is refused for what it says
   */
  async query<Row = Record<string, unknown>>(
    text: string,
    values: readonly Value[] | ((isRepeated: boolean) => readonly Value[]) = [],
    { deadlineMs, budgetMs }: Patience = this.#options,
  ): Promise<Rows<Row>> {
    const giveUpAt = performance.now() + budgetMs;
    return this.#retried(giveUpAt, (sql, isRepeated) => {
      const given = typeof values === "function" ? values(isRepeated) : values;
      const leftMs = Math.max(1, giveUpAt - performance.now());
      const rows = sql.unsafe(text, given.map(storable));
      return this.#inTime(sql, rows, Math.min(deadlineMs, leftMs));
    });
  }

  /**
   * Runs several statements on the same state of the database, in a transaction that only reads. All of them may
   * be run again, before the deadline, which is for all of them together.
   * @throws as `query` does
   */
  async read<Result>(work: (run: Run) => Promise<Result>, deadlineMs: number): Promise<Result> {
    const giveUpAt = performance.now() + deadlineMs;
    return this.#retried(giveUpAt, (sql) => {
      const leftMs = Math.max(1, giveUpAt - performance.now());
      return this.#inTime(sql, readAndRollBack(sql, work), leftMs);
    });
  }

  /** A connection of one's own, for a transaction. It has no deadline and is not tried again. Release it. */
  reserve(): ReturnType<SQL["reserve"]> {
    return this.#sql.reserve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sql.close({ timeout: 0 });
  }

  async #retried<Result>(
    giveUpAt: number,
    attempt: (sql: SQL, isRepeated: boolean) => Promise<Result>,
  ): Promise<Result> {
    let isUnknown = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await this.#inTurn(giveUpAt, (sql) => attempt(sql, isUnknown));
      } catch (error) {
        const retry = retryAfter(error);
        if (retry === undefined) throw error;
        isUnknown ||= retry.isUnknown;
        const isOver = performance.now() + pauseMs >= giveUpAt;
        if (!retry.isWorthIt || isOver || this.#isClosed) throw unavailable(error);
      }
      await Bun.sleep(pauseMs);
    }
  }

  async #inTurn<Result>(giveUpAt: number, attempt: (sql: SQL) => Promise<Result>): Promise<Result> {
    if (!(await this.#turnstile.enter(giveUpAt - performance.now()))) {
      throw new StoreUnavailableError("No connection to PostgreSQL has become free in time.");
    }
    const sql = this.#sql;
    try {
      return await attempt(sql);
    } catch (error) {
      if (retryAfter(error)?.hasMoved) this.#replace(sql);
      throw error;
    } finally {
      this.#turnstile.leave();
    }
  }

  async #inTime<Result>(sql: SQL, result: Promise<Result>, deadlineMs: number): Promise<Result> {
    const { promise, reject } = Promise.withResolvers<never>();
    let hasAnswered = false;
    const miss = () => {
      if (hasAnswered) return;
      if (deadlineMs >= SILENCE_MS) this.#missed(sql);
      reject(new DeadlineError(deadlineMs));
    };
    // After a pause of this process, the timer may fire before an answer that came meanwhile is read.
    const timer = setTimeout(() => setImmediate(miss), deadlineMs);
    try {
      return await Promise.race([result, promise]);
    } finally {
      hasAnswered = true;
      clearTimeout(timer);
    }
  }

  #missed(sql: SQL): void {
    if (sql !== this.#sql) return;
    const now = performance.now();
    if (now - this.#missedAt < MISSES_APART_MS) this.#replace(sql);
    else this.#missedAt = now;
  }

  /** What still waits for the old connections fails at once and is tried on the new ones. */
  #replace(sql: SQL): void {
    if (sql !== this.#sql || this.#isClosed) return;
    this.#missedAt = Number.NEGATIVE_INFINITY;
    this.#sql = this.#connect();
    // It may not be possible to close what is broken. It is not used any more.
    sql.close({ timeout: 0 }).catch(() => undefined);
  }

  #connect(): SQL {
    const { connections, deadlineMs } = this.#options;
    return new SQL(this.#url, {
      max: connections,
      connectionTimeout: deadlineMs / SECOND_MS,
      idleTimeout: IDLE_TIMEOUT_MS / SECOND_MS,
    });
  }
}

async function readAndRollBack<Result>(
  sql: SQL,
  work: (run: Run) => Promise<Result>,
): Promise<Result> {
  const connection = await sql.reserve();
  try {
    await connection.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await work((text, values = []) => connection.unsafe(text, values.map(storable)));
  } finally {
    // Nothing was written. To commit would fail after a statement that has failed. If the connection is lost,
    // the pool already knows.
    await connection.unsafe("ROLLBACK").catch(() => undefined);
    connection.release();
  }
}

function unavailable(cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreUnavailableError(`PostgreSQL is not available: ${reason}`, { cause });
}

/** PostgreSQL stores no NUL. Nobody writes one, but a model may send it. */
function storable(value: Value): Value {
  if (typeof value === "string") return withoutNul(value);
  if (Array.isArray(value)) return value.map((each) => withoutNul(each));
  return value ?? null;
}

function withoutNul<Each>(value: Each): Each | string {
  return typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value;
}
