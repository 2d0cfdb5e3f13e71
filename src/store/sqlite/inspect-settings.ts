import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";

import type { StoredSettings } from "../settings-store.ts";
import { GroupCommit } from "./group-commit.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { SqliteSettings } from "./settings.ts";

/**
 * Reads what the owner has set, without writing to the file, even while a server uses it. Undefined where there is no
 * file, or one of another version.
 * @throws when the file cannot be read as a database
 */
export async function inspectSqliteSettings(path: string): Promise<StoredSettings | undefined> {
  if (path === ":memory:" || !existsSync(path)) return undefined;
  const db = new Database(path, { readonly: true, strict: true });
  try {
    refuseNewerSchema(db);
    if (schemaVersion(db) < MIGRATIONS.length) return undefined;
    return await new SqliteSettings(db, new GroupCommit(db)).readSettings();
  } finally {
    db.close();
  }
}
