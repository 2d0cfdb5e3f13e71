import type { Database } from "bun:sqlite";

import { MIGRATIONS } from "./migrations.ts";

/** Thrown when a newer chatporch has written the file. Using it could lose data. */
export class NewerSchemaError extends Error {
  constructor(found: number, known: number) {
    super(
      `The database has schema ${found}, and this chatporch knows schemas up to ${known}. ` +
        "Start the newer version, or restore a backup made by this one.",
    );
    this.name = "NewerSchemaError";
  }
}

/**
 * Brings the database to the newest schema. Each step has its own transaction, so that a crash never leaves
 * half a step.
 * @throws NewerSchemaError
 */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  refuseNewerSchema(db, migrations);
  for (const [index, migration] of migrations.entries()) {
    if (schemaVersion(db) > index) continue;
    db.transaction(() => {
      // Checked again under the write lock, because another process may have been first.
      if (schemaVersion(db) > index) return;
      db.run(migration);
      db.run(`PRAGMA user_version = ${index + 1}`);
    }).immediate();
  }
}

/**
 * Only reads, so that a refused file is not changed.
 * @throws NewerSchemaError
 */
export function refuseNewerSchema(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  const found = schemaVersion(db);
  if (found > migrations.length) throw new NewerSchemaError(found, migrations.length);
}

export function schemaVersion(db: Database): number {
  const row = db.query<{ user_version: number }, []>("PRAGMA user_version").get();
  return row?.user_version ?? 0;
}
