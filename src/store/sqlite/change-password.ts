import { Database } from "bun:sqlite";

import type { NewPassword } from "../owner-password-store.ts";
import { DatabaseInUseError, lockDatabase } from "./lock.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openSqliteStore } from "./open.ts";
import { createOwnerPassword } from "./owner-password.ts";

/** How long to wait for a server that is writing, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Changes the owner's password in a database file, also while a server uses it. Where there is none, it is made as a
 * start would make it.
 * @throws NewerSchemaError, or an error that says why that is not possible
 */
export async function changePasswordInFile(path: string, password: NewPassword): Promise<void> {
  if (path === ":memory:") {
    throw new Error("DATABASE_PATH is :memory:, so only the server that runs has the database.");
  }
  const unlock = lockUnlessServed(path);
  if (unlock === undefined) return changeBesideServer(path, password);
  try {
    const store = openSqliteStore(path);
    await store.changeOwnerPassword(password).finally(() => store.close());
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

/** The schema is the server's: it is not changed under its feet. */
async function changeBesideServer(path: string, password: NewPassword): Promise<void> {
  const db = new Database(path, { readwrite: true, create: false, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    refuseNewerSchema(db);
    if (schemaVersion(db) < MIGRATIONS.length) {
      throw new Error(`An older chatporch runs on ${path}. Restart it with this version first.`);
    }
    const store = createOwnerPassword(db, async (work) => db.transaction(work).immediate());
    await store.changeOwnerPassword(password);
  } finally {
    db.close();
  }
}
