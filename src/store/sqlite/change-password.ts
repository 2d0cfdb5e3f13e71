import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";

import type { OwnerPasswordStore } from "../owner-password-store.ts";
import { DatabaseInUseError, followLinks, lockDatabase } from "./lock.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openSqliteStore } from "./open.ts";
import { createOwnerPassword } from "./owner-password.ts";

/** How long to wait for a server that is writing, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Changes the owner's password in a database file, also while a server uses it.
 * @throws NewerSchemaError, or an error that says why that is not possible
 */
export async function changePasswordInFile(
  path: string,
  passwordHash: string,
  at: number,
): Promise<void> {
  if (path === ":memory:") {
    throw new Error("DATABASE_PATH is :memory:, so only the server that runs has the database.");
  }
  // In another folder, a new database would be made, and the server would never see it.
  if (!existsSync(followLinks(path))) {
    throw new Error(
      `There is no database at ${path}. Run this in the folder and with the settings of the server, after its first start.`,
    );
  }
  const unlock = lockUnlessServed(path);
  if (unlock === undefined) return changeBesideServer(path, passwordHash, at);
  try {
    const store = openSqliteStore(path);
    await store.changeOwnerPassword(passwordHash, at).finally(() => store.close());
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
async function changeBesideServer(path: string, passwordHash: string, at: number): Promise<void> {
  const db = new Database(path, { readwrite: true, create: false, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    refuseNewerSchema(db);
    if (schemaVersion(db) < MIGRATIONS.length) {
      throw new Error(`An older chatporch runs on ${path}. Restart it with this version first.`);
    }
    const store: OwnerPasswordStore = createOwnerPassword(db, async (work) =>
      db.transaction(work).immediate(),
    );
    await store.changeOwnerPassword(passwordHash, at);
  } finally {
    db.close();
  }
}
