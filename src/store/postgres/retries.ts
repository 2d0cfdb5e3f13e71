import { SQL } from "bun";

import { DeadlineError } from "../../runtime/deadline.ts";
import { StoreUnavailableError } from "../unavailable.ts";

/** What to do after a statement has failed. */
export interface Retry {
  /** Whether the same statement may succeed soon. */
  readonly isWorthIt: boolean;
  /** Whether the statement may have been executed, although no answer came. */
  readonly isUnknown: boolean;
  /** Whether the server that answered is not the one to ask any more. */
  readonly hasMoved: boolean;
}

const PASSING: Retry = { isWorthIt: true, isUnknown: false, hasMoved: false };
const UNKNOWN: Retry = { isWorthIt: true, isUnknown: true, hasMoved: false };
const MOVED: Retry = { isWorthIt: true, isUnknown: false, hasMoved: true };
const LASTING: Retry = { isWorthIt: false, isUnknown: false, hasMoved: false };

/** By SQLSTATE or its class (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const BY_STATE: Readonly<Record<string, Retry>> = {
  // The server starts or has no connection left; a serialization failure, a deadlock, a lock that was not got.
  "57P03": PASSING,
  "53300": PASSING,
  "40001": PASSING,
  "40P01": PASSING,
  "55P03": PASSING,
  // The server shuts down or has crashed, in the middle of it.
  "57P01": UNKNOWN,
  "57P02": UNKNOWN,
  "57P05": UNKNOWN,
  "08": UNKNOWN,
  // A standby: the primary is another one since a failover.
  "25006": MOVED,
  // A statement took too long, or a disk or the memory is full.
  "57014": LASTING,
  "53": LASTING,
  "58": LASTING,
  // The password or the database is not valid any more.
  "28": LASTING,
  "3D": LASTING,
};

/** Bun's names for connections that were never made, so that no statement was sent. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "ERR_POSTGRES_CONNECTION_REFUSED",
  "ERR_POSTGRES_CONNECTION_FAILED",
  "ERR_POSTGRES_CONNECTION_TIMEOUT",
]);

/** Undefined when the statement itself is wrong, or breaks a rule of the tables. */
export function retryAfter(error: unknown): Retry | undefined {
  if (error instanceof DeadlineError) return UNKNOWN;
  if (!(error instanceof SQL.PostgresError)) return undefined;
  if (NEVER_CONNECTED.has(error.code)) return PASSING;
  const state = error.errno ?? "";
  // The connection was lost.
  if (state === "") return UNKNOWN;
  return BY_STATE[state] ?? BY_STATE[state.slice(0, 2)];
}

/** Whether the database has ended a statement, because it took longer than it may (`statement_timeout`). */
export function isTimeout(error: unknown): boolean {
  return error instanceof SQL.PostgresError && String(error.errno) === "57014";
}

/** Whether no answer came in time. The database may be busy or away. */
export function isLate(error: unknown): boolean {
  return error instanceof StoreUnavailableError && error.cause instanceof DeadlineError;
}

/** The name of the unique index that an insert has hit. */
export function violatedIndex(error: unknown): string | undefined {
  const isUnique = error instanceof SQL.PostgresError && String(error.errno) === "23505";
  return isUnique ? error.constraint : undefined;
}
