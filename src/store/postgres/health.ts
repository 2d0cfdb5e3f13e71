import { MINUTE_MS } from "../../runtime/time.ts";
import type { StoreHealth } from "../store.ts";
import { StoreUnavailableError } from "../unavailable.ts";
import type { Pool } from "./pool.ts";

/** Checks of readiness come every second or two, and must know soon. */
const PING = { deadlineMs: 1000, budgetMs: 1000 };

/** PostgreSQL adds up the sizes of all files. */
const SIZE = "SELECT pg_database_size(current_database())::float8 AS bytes";

export function createHealth({
  replicas,
  slow,
}: {
  readonly replicas: Pick<Pool, "query">;
  readonly slow: Pick<Pool, "query">;
}): StoreHealth {
  let size = 0;
  let readAt = Number.NEGATIVE_INFINITY;

  async function sizeBytes(): Promise<number> {
    if (performance.now() - readAt < MINUTE_MS) return size;
    const [row] = await slow.query<{ bytes: number }>(SIZE);
    readAt = performance.now();
    size = row?.bytes ?? 0;
    return size;
  }

  async function askWhetherPrimary(): Promise<void> {
    const [row] = await replicas.query<{ standby: boolean }>(
      "SELECT pg_is_in_recovery() AS standby",
      [],
      PING,
    );
    if (row?.standby) throw new StoreUnavailableError("PostgreSQL is a standby, which only reads.");
  }

  let pinging: Promise<void> | undefined;

  return {
    /** Checks at the same time share a query: anybody may check, and the beats must not wait behind that. */
    ping() {
      pinging ??= askWhetherPrimary().finally(() => void (pinging = undefined));
      return pinging;
    },
    sizeBytes,
    // What deleted rows have left is used again, but PostgreSQL does not say cheaply how much that is.
    usedBytes: sizeBytes,
  };
}
