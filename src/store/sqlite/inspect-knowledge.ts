import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";

import type { SourceSummary } from "../knowledge-store.ts";
import { GroupCommit } from "./group-commit.ts";
import { createKnowledgeSources } from "./knowledge-sources.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Reads what the bot knows, without writing to the file, even while a server uses it. Undefined where there is no file,
 * or one of another version.
 * @throws when the file cannot be read as a database
 */
export async function inspectSqliteKnowledge(
  path: string,
): Promise<readonly SourceSummary[] | undefined> {
  if (path === ":memory:" || !existsSync(path)) return undefined;
  const db = new Database(path, { readonly: true, strict: true });
  try {
    refuseNewerSchema(db);
    if (schemaVersion(db) < MIGRATIONS.length) return undefined;
    return await createKnowledgeSources(db, new GroupCommit(db)).listSources();
  } finally {
    db.close();
  }
}
