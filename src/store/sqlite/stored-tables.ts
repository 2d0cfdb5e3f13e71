import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";

import type { StoredRow, StoredTable, StoredTables } from "../stored-tables.ts";
import { DamagedDatabaseError, isDamage, isNoDatabase } from "./damage.ts";
import { ALL_HELD } from "./held-text.ts";
import { lockDatabase } from "./lock.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";

/** Since this schema, the tables below are there. Later steps have added some, and columns, which may be missing. */
const FIRST_SCHEMA = 2;

interface TableSpec {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** Where the rows are read, if not in the table as it is. */
  readonly from?: string;
  /** A column of messages, and where the rows are read in a database that has it. */
  readonly since?: { readonly column: string; readonly from: string };
}

/** Every table whose rows cannot be made from others, with its key and its columns. */
const TABLES: readonly TableSpec[] = [
  {
    name: "conversations",
    key: ["seq"],
    columns: [
      "seq",
      "id",
      "session_id",
      "created_at",
      "updated_at",
      "last_message",
      "message_count",
      "erase_at",
      "was_taken_over",
      "unshown_count",
    ],
  },
  {
    name: "messages",
    key: ["id"],
    columns: [
      "id",
      "conversation_seq",
      "turn_id",
      "question_id",
      "role",
      "content",
      "status",
      "model",
      "finish_reason",
      "error_code",
      "prompt_tokens",
      "completion_tokens",
      "total_tokens",
      "first_token_ms",
      "duration_ms",
      "idempotency_key",
      "created_at",
      "grounding",
      "sources",
      "cost",
      "rating",
      "rating_reasons",
      "rating_comment",
      "rated_at",
      "author",
      "author_name",
    ],
  },
  {
    name: "requests",
    key: ["id"],
    columns: [
      "id",
      "conversation_seq",
      "turn_id",
      "contact_kind",
      "contact",
      "note",
      "consent",
      "created_at",
      "closed_at",
    ],
  },
  {
    name: "takeovers",
    key: ["conversation_seq"],
    columns: ["conversation_seq", "name", "begun_at", "last_word_at"],
  },
  {
    name: "daily",
    key: ["day"],
    columns: ["day", "conversations", "messages", "tokens", "errors"],
  },
  { name: "daily_first_token", key: ["day", "ms"], columns: ["day", "ms", "answers"] },
  {
    name: "daily_grounding",
    key: ["day", "grounding"],
    columns: ["day", "grounding", "answers"],
  },
  { name: "daily_ratings", key: ["day", "rating"], columns: ["day", "rating", "answers"] },
  {
    name: "spending",
    key: ["period", "party"],
    columns: [
      "period",
      "party",
      "input_tokens",
      "output_tokens",
      "cost",
      "warned_at",
      "warned_limit",
      "reached_at",
      "reached_limit",
    ],
  },
  {
    name: "spending_held",
    since: { column: "held", from: `(${ALL_HELD})` },
    key: ["id"],
    columns: [
      "id",
      "owner",
      "day",
      "month",
      "input_tokens",
      "output_tokens",
      "cost",
      "parties",
      "at",
    ],
  },
  { name: "owner_sessions", key: ["hash"], columns: ["hash", "created_at", "used_at"] },
  { name: "secrets", key: ["name"], columns: ["name", "value"] },
  // Claims are left out: they are good for one process only.
  { name: "owner_password", key: ["id"], columns: ["id", "hash", "changed_at"] },
  { name: "settings", key: ["name"], columns: ["name", "value"] },
  {
    name: "widget_keys",
    key: ["id"],
    columns: ["id", "name", "key", "made_at", "revoked_at"],
  },
  {
    name: "audit",
    key: ["version", "setting"],
    columns: ["version", "setting", "at", "author", "old_value", "new_value"],
  },
  { name: "instructions", key: ["version"], columns: ["version", "text", "at", "author"] },
  { name: "refused_origins", key: ["origin"], columns: ["origin", "count", "last_at"] },
  {
    name: "setup_facts",
    key: ["topic", "subject"],
    columns: ["topic", "subject", "text", "at"],
  },
  { name: "dismissed_questions", key: ["key"], columns: ["key", "dismissed_at", "is_answered"] },
  // Which notices are wanted follows from the settings.
  {
    name: "notices",
    key: ["seq"],
    columns: [
      "seq",
      "event_id",
      "channel",
      "kind",
      "conversation_seq",
      "turn_id",
      "at",
      "state",
      "attempts",
      "not_before",
      "next_at",
      "claimed_by",
      "ended_at",
      "last_error",
      "receipt",
    ],
  },
  {
    name: "notice_channels",
    key: ["channel"],
    columns: ["channel", "delivered_at", "failed_at", "error", "off_address", "off_at"],
  },
  {
    name: "knowledge_sources",
    key: ["id"],
    columns: [
      "id",
      "kind",
      "uri",
      "every_hours",
      "only_prefix",
      "ignores_robots",
      "created_at",
      "next_at",
      "started_at",
      "ended_at",
      "error",
      "claimed_by",
      "claimed_until",
      "is_removed",
    ],
  },
  {
    name: "knowledge_documents",
    key: ["id"],
    columns: [
      "id",
      "source_id",
      "uri",
      "title",
      "folded",
      "lang",
      "status",
      "reason",
      "etag",
      "last_modified",
      "hash",
      "sections",
      "words",
      "misses",
      "checked_at",
      "changed_at",
      "original",
    ],
  },
  // Only those of documents, without the steps in which they were stored.
  {
    name: "knowledge_sections",
    key: ["id"],
    columns: ["id", "document_id", "position", "heading", "anchor", "text"],
    from: `(SELECT s.id, e.document_id, s.position, s.heading, s.anchor, s.text
      FROM knowledge_sections AS s JOIN knowledge_editions AS e ON e.id = s.edition_id
      WHERE e.document_id IS NOT NULL)`,
  },
  {
    name: "answer_tests",
    key: ["document_id"],
    columns: ["document_id", "tested_at", "answer", "grounding", "sources"],
  },
];

/**
 * Reads a database file without writing to it, and keeps servers from using it meanwhile.
 * @throws DatabaseInUseError, NewerSchemaError, DamagedDatabaseError, or an error that names the file
 */
export function openStoredTables(path: string): StoredTables {
  if (path === ":memory:") throw new Error("DATABASE_PATH is :memory:, which has no file.");
  // Looked for first, because the lock would make its folder.
  if (!existsSync(path)) {
    throw new Error(`There is no database at ${path}. Set DATABASE_PATH to the file to be moved.`);
  }
  const unlock = lockDatabase(path);
  const opened: Database[] = [];
  const close = () => {
    for (const db of opened) db.close();
    unlock();
  };
  try {
    const db = new Database(path, { readonly: true, strict: true });
    opened.push(db);
    refuseOtherSchemas(db, path);
    return {
      tables: TABLES.flatMap((table) => {
        const columns = columnsOf(db, table);
        const from = table.from ?? fromMessages(db, table) ?? table.name;
        return columns.length === 0 ? [] : [readTable(db, path, { ...table, columns, from })];
      }),
      close,
    };
  } catch (error) {
    close();
    throw explain(path, error);
  }
}

function refuseOtherSchemas(db: Database, path: string): void {
  refuseNewerSchema(db);
  const found = schemaVersion(db);
  if (found >= FIRST_SCHEMA) return;
  throw new Error(
    found === 0
      ? `${path} is a database, but not one of chatporch.`
      : `The database ${path} was last used by a very early chatporch. ` +
          "Start this one on it once, without DATABASE_URL, stop it, and try again.",
  );
}

/** Those that the file has: a database of an earlier version may lack some, or the whole table. */
function columnsOf(db: Database, { name, columns, from = name }: TableSpec): readonly string[] {
  const found = db
    .query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)")
    .all(name)
    .map((column) => column.name);
  const isWhole = found.length > 0 && from !== name;
  return isWhole ? columns : columns.filter((column) => found.includes(column));
}

function fromMessages(db: Database, { since }: TableSpec): string | undefined {
  const isThere = db
    .query("SELECT 1 FROM pragma_table_info('messages') WHERE name = ?")
    .get(since?.column ?? "");
  return isThere === null ? undefined : since?.from;
}

function readTable(db: Database, path: string, table: TableSpec): StoredTable {
  const { name, columns, from = name } = table;
  const total = db.query<{ total: number }, []>(`SELECT count(*) AS total FROM ${from}`).get();
  return {
    name,
    columns,
    rowCount: total?.total ?? 0,
    *rows() {
      const all = db.query<StoredRow, []>(
        `SELECT ${columns.join(", ")} FROM ${from} ORDER BY ${table.key.join(", ")}`,
      );
      try {
        yield* all.iterate();
      } catch (error) {
        throw explain(path, error);
      }
    },
  };
}

function explain(path: string, error: unknown): unknown {
  if (isNoDatabase(error)) return new Error(`${path} is not a database.`, { cause: error });
  return isDamage(error) ? new DamagedDatabaseError(path, error) : error;
}
