import { Database } from "bun:sqlite";

import { DatabaseInUseError, lockDatabase } from "./lock.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openSqliteStore } from "./open.ts";

/** How long to wait for a server that is writing, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

const PRAGMAS = [
  `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`,
  "PRAGMA foreign_keys = ON",
  // As the server has it: erased text must not stay in the file.
  "PRAGMA secure_delete = ON",
  "PRAGMA temp_store = MEMORY",
];

/**
 * Opens a database file for a command, also while a server uses it. Where there is none, it is made as a start would
 * make it; where it is older, it is brought up to date, unless a server uses it. The server may be started meanwhile.
 * @throws NewerSchemaError, or an error that says why that is not possible
 */
export async function openBesideServer(path: string): Promise<Database> {
  if (path === ":memory:") {
    throw new Error("DATABASE_PATH is :memory:, so only the server that runs has the database.");
  }
  await bringUpToDate(path);
  const db = new Database(path, { readwrite: true, create: false, strict: true });
  try {
    for (const pragma of PRAGMAS) db.run(pragma);
    refuseNewerSchema(db);
    if (schemaVersion(db) < MIGRATIONS.length) {
      throw new Error(`An older chatporch runs on ${path}. Restart it with this version first.`);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Does nothing while a server uses the file: the schema is not changed under its feet. */
async function bringUpToDate(path: string): Promise<void> {
  const unlock = lockUnlessServed(path);
  if (unlock === undefined) return;
  try {
    await openSqliteStore(path).close();
  } finally {
    unlock();
  }
}

/** Undefined: a server uses the file. */
function lockUnlessServed(path: string): (() => void) | undefined {
  try {
    return lockDatabase(path);
  } catch (error) {
    if (error instanceof DatabaseInUseError) return undefined;
    throw error;
  }
}
