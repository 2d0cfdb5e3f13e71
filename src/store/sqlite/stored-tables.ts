import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";

import type { StoredRow, StoredTable, StoredTables } from "../stored-tables.ts";
import { DamagedDatabaseError, isDamage, isNoDatabase } from "./damage.ts";
import { lockDatabase } from "./lock.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";

/** Since this schema, the tables below are as they are. Later steps have added some, which may be missing. */
const FIRST_SCHEMA = 2;

/** Every table whose rows cannot be made from others, with its key and its columns. */
const TABLES = [
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
    ],
  },
  {
    name: "daily",
    key: ["day"],
    columns: ["day", "conversations", "messages", "tokens", "errors"],
  },
  { name: "daily_first_token", key: ["day", "ms"], columns: ["day", "ms", "answers"] },
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
] as const;

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
    const isThere = ({ name }: (typeof TABLES)[number]) => hasTable(db, name);
    return { tables: TABLES.filter(isThere).map((table) => readTable(db, path, table)), close };
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

function hasTable(db: Database, name: string): boolean {
  return (
    db.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== null
  );
}

function readTable(db: Database, path: string, table: (typeof TABLES)[number]): StoredTable {
  const { name, columns } = table;
  const total = db.query<{ total: number }, []>(`SELECT count(*) AS total FROM ${name}`).get();
  return {
    name,
    columns,
    rowCount: total?.total ?? 0,
    *rows() {
      const all = db.query<StoredRow, []>(
        `SELECT ${columns.join(", ")} FROM ${name} ORDER BY ${table.key.join(", ")}`,
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
