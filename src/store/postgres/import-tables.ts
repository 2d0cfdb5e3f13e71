import { SQL, type TransactionSQL } from "bun";

import { preview } from "../preview.ts";
import type { StoredTable } from "../stored-tables.ts";
import { copyIn, type CopyTarget, readBack } from "./copy-table.ts";
import { explainImportError, ImportError } from "./import-error.ts";
import { refuseContents, refuseRunningServers } from "./import-refusals.ts";
import { searchVector } from "./search-vector.ts";

/** How far the import is. */
export interface ImportProgress {
  readonly doing: "copying" | "comparing";
  readonly table: string;
  readonly rows: number;
  readonly ofRows: number;
}

export interface ImportOptions {
  readonly onProgress: (progress: ImportProgress) => void;
  /** Aborting it leaves the database as it was. The import then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** What the database holds now. */
export interface Imported {
  readonly conversations: number;
  readonly messages: number;
  /** Answers that a crash had cut off. */
  readonly interruptedTurns: number;
}

/** Figures of a day have several rows, so that replicas need not wait for each other. One holds the past. */
const FIRST_SLOT = { column: "slot", valueOf: () => 0 } as const;

const TARGETS: Readonly<Record<string, CopyTarget>> = {
  conversations: { order: "seq" },
  messages: {
    order: "id",
    extra: { column: "words", valueOf: ({ content }) => searchVector(String(content)) },
  },
  requests: { order: 'id COLLATE "C"' },
  takeovers: { order: "conversation_seq" },
  daily: { order: "day", extra: FIRST_SLOT },
  daily_first_token: { order: "day, ms", extra: FIRST_SLOT },
  daily_grounding: { order: "day, grounding", extra: FIRST_SLOT },
  daily_ratings: { order: "day, rating" },
  spending: { order: "period, party", extra: FIRST_SLOT },
  spending_held: { order: 'id COLLATE "C"' },
  owner_sessions: { order: 'hash COLLATE "C"' },
  secrets: { order: 'name COLLATE "C"' },
  owner_password: { order: "id" },
  settings: { order: "name" },
  widget_keys: { order: "id" },
  audit: { order: "version, setting" },
  instructions: { order: "version" },
  refused_origins: { order: "origin" },
  setup_facts: { order: "topic, subject" },
  dismissed_questions: { order: "key" },
  notices: { order: "seq" },
  notice_channels: { order: 'channel COLLATE "C"' },
  knowledge_sources: { order: "id" },
  // A replica compares it with what its index has, which is nothing.
  knowledge_documents: { order: "id", extra: { column: "version", valueOf: () => 1 } },
  knowledge_sections: { order: "id" },
  answer_tests: { order: "document_id" },
};

const TABLES = Object.keys(TARGETS).join(", ");
/** The tables whose rows are numbered, and the columns of the numbers. */
const NUMBERED = [
  ["conversations", "seq"],
  ["messages", "id"],
  ["knowledge_sources", "id"],
  ["knowledge_documents", "id"],
  ["knowledge_sections", "id"],
  ["notices", "seq"],
] as const;

/** Marks that are filled in at once, because few conversations have them (list-marks.ts). */
const MARK = `
  UPDATE conversations SET is_rated_down = 1
  WHERE seq IN (SELECT conversation_seq FROM messages WHERE rating = 'negative');
  UPDATE conversations SET is_wanted = 1
  WHERE seq IN (SELECT conversation_seq FROM requests WHERE closed_at IS NULL)`;

/** For this transaction, whatever the database's owner has set for others. */
const LOCAL_SETTINGS = [
  "lock_timeout = '5s'",
  "statement_timeout = 0",
  "idle_in_transaction_session_timeout = 0",
];

/**
 * Fills an empty database in one transaction, and compares every row with its source before the commit.
 * Servers that start meanwhile wait or fail, since all tables are locked.
 * @throws ImportError with a sentence, after which the database is as it was
 */
export async function importTables(
  url: string,
  tables: readonly StoredTable[],
  { onProgress, signal }: ImportOptions,
): Promise<Imported> {
  const sql = new SQL(url, { max: 1 });
  let isCommitting = false;
  const stop = () => {
    // PostgreSQL rolls back when the connection ends. What is being committed is too late to stop.
    if (!isCommitting) void sql.close({ timeout: 0 });
  };
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    await refuseRunningServers(url);
    return await sql.begin(async (tx) => {
      const imported = await fill(tx, tables, onProgress);
      isCommitting = true;
      return imported;
    });
  } catch (error) {
    if (!isCommitting) signal.throwIfAborted();
    throw explainImportError(error, isCommitting);
  } finally {
    signal.removeEventListener("abort", stop);
    await sql.close({ timeout: 0 });
  }
}

async function fill(
  tx: TransactionSQL,
  tables: readonly StoredTable[],
  onProgress: ImportOptions["onProgress"],
): Promise<Imported> {
  for (const setting of LOCAL_SETTINGS) await tx.unsafe(`SET LOCAL ${setting}`);
  await tx.unsafe(`LOCK TABLE ${TABLES}, replicas IN ACCESS EXCLUSIVE MODE`);
  await refuseContents(tx);
  // Not DELETE: the space of a failed import is returned at once, and COPY can freeze the rows.
  // What is moved is no news: which notices are wanted is set again by the next start.
  await tx.unsafe(`TRUNCATE ${TABLES}, notices_wanted`);
  const rows = new Map<string, number>();
  for (const table of tables) rows.set(table.name, await move(tx, table, onProgress));
  for (const [table, column] of NUMBERED) await continueNumbers(tx, table, column);
  await tx`UPDATE settings_version SET version = (SELECT coalesce(max(version), 0) FROM audit)`;
  await tx`SELECT raise_knowledge()`;
  await tx.unsafe(MARK);
  await tx`DELETE FROM unmarked`;
  await tx`INSERT INTO unmarked SELECT max(seq) FROM conversations HAVING max(seq) > 0`;
  // In a file, what is set aside stands only with the calls under way.
  await tx`SELECT add_spending(day, month, parties, 0, 0, 0, input_tokens, output_tokens, cost) FROM spending_held`;
  const interruptedTurns = await interruptUnfinished(tx);
  // Without figures on the new rows, the first queries would be planned for empty tables.
  await tx.unsafe(`ANALYZE ${TABLES}`);
  return {
    conversations: rows.get("conversations") ?? 0,
    messages: rows.get("messages") ?? 0,
    interruptedTurns,
  };
}

/** @returns the number of rows */
async function move(
  tx: TransactionSQL,
  table: StoredTable,
  onProgress: ImportOptions["onProgress"],
): Promise<number> {
  const target = TARGETS[table.name];
  if (target === undefined) throw new Error(`There is no place for the table ${table.name}.`);
  const report = (doing: ImportProgress["doing"]) => (rows: number) =>
    onProgress({ doing, table: table.name, rows, ofRows: table.rowCount });
  const sent = await copyIn(tx, table, target, report("copying"));
  const found = await readBack(tx, table, target, report("comparing"));
  if (sent.rows === found.rows && sent.sha256 === found.sha256) return sent.rows;
  throw new ImportError(
    `PostgreSQL holds other ${table.name} than were sent to it. Nothing was moved.`,
  );
}

/** The next row gets the number after the highest. */
async function continueNumbers(tx: TransactionSQL, table: string, column: string): Promise<void> {
  await tx.unsafe(
    `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), max(${column}))
     FROM ${table} HAVING max(${column}) IS NOT NULL`,
  );
}

/** Ends the answers that were under way when the server crashed, as a start on the file would have done. */
async function interruptUnfinished(tx: TransactionSQL): Promise<number> {
  for (let ended = 0; ; ended += 1) {
    const [answer]: Unfinished[] = await tx`
      SELECT turn_id, content FROM messages WHERE status = 'streaming' ORDER BY id LIMIT 1`;
    if (answer === undefined) return ended;
    const { turn_id: turnId, content } = answer;
    const [ending]: Ending[] = await tx`
      SELECT finish_turn(turn_id, content, words, ${preview(content)}, 'interrupted', NULL, 'interrupted',
        NULL, NULL, NULL, NULL, NULL, created_at, 0, 1, NULL, false, NULL, NULL,
        (created_at / 86400000)::integer, NULL) AS "hasEnded"
      FROM messages WHERE turn_id = ${turnId} AND role = 'assistant'`;
    if (!ending?.hasEnded) throw new Error(`The turn ${turnId} could not be ended.`);
  }
}

interface Unfinished {
  readonly turn_id: string;
  readonly content: string;
}

interface Ending {
  readonly hasEnded: boolean;
}
