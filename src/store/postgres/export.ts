import { takeRows } from "../bounded-rows.ts";
import type { ConversationStore } from "../conversation-store.ts";
import { type ExportRow, toExportedMessage } from "../rows.ts";
import { StoreUnavailableError } from "../unavailable.ts";
import { EXPORTED, MOST_BYTES_OF_A_CHARACTER } from "./columns.ts";
import type { Pool } from "./pool.ts";

/** How long to wait for turns that are just being stored. */
const WAIT_MS = 2500;
const PAUSE_MS = 5;

const LAST_DRAWN = "SELECT last_value::float8 AS id FROM messages_id_seq";

/** The transactions that may have drawn an id and not committed. Whoever inserts holds this lock from before on. */
const WRITERS = `SELECT virtualtransaction AS id FROM pg_locks
  WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND relation = 'messages'::regclass AND pid <> pg_backend_pid()`;

const PAGE = `SELECT * FROM (
    SELECT exported.*, sum(octet_length(content)) OVER (ORDER BY id) - octet_length(content) AS bytes_before
    FROM (${EXPORTED} WHERE m.id > $1::bigint AND m.id <= $2::bigint ORDER BY m.id LIMIT $3::bigint) AS exported
  ) AS page
  WHERE bytes_before < $4::float8 ORDER BY id`;

/**
 * Exports messages in the order of their ids, without a gap that is filled later: ids are drawn before the commit,
 * so a message with a lower id may become visible after one with a higher id. Hence a page ends at the last id that
 * was drawn, and is read once all who may have drawn one until then have ended their transactions.
 */
export function createExport(pool: Pool): Pick<ConversationStore, "exportMessages"> {
  return {
    async exportMessages(afterId, limit, characters = Number.POSITIVE_INFINITY) {
      const through = await settledId(pool);
      const bytes = characters * MOST_BYTES_OF_A_CHARACTER;
      const rows = await pool.query<ExportRow>(PAGE, [afterId, through, limit, bytes]);
      return takeRows(rows, { limit, characters }).map(toExportedMessage);
    },
  };
}

/** The id up to which no message will appear any more. */
async function settledId(pool: Pool): Promise<number> {
  const [drawn] = await pool.query<{ id: number }>(LAST_DRAWN);
  let open: ReadonlySet<string> | undefined;
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const writers = await pool.query<{ id: string }>(WRITERS);
    const ids = writers.map(({ id }) => id).filter((id) => open?.has(id) ?? true);
    if (ids.length === 0) return drawn?.id ?? 0;
    open = new Set(ids);
    if (performance.now() >= giveUpAt) {
      throw new StoreUnavailableError("A transaction of the database has been open for too long.");
    }
    await Bun.sleep(PAUSE_MS);
  }
}
