import { Database } from "bun:sqlite";
import { existsSync, statSync } from "node:fs";

import type { DatabaseState } from "../store.ts";
import { usedBytes } from "./free-pages.ts";
import { followLinks } from "./lock.ts";
import { schemaVersion } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { pathProblem, UnusablePathError } from "./unusable-path.ts";

/** How many of the damages that SQLite finds are reported. */
const MAX_DAMAGES = 3;

/**
 * Inspects a database file without writing to it, even while a server uses it. Reads the whole file.
 * @throws UnusablePathError, or when the file cannot be read as a database
 */
export function inspectSqlite(path: string): DatabaseState {
  const problem = pathProblem(followLinks(path));
  if (problem !== undefined) throw new UnusablePathError(path, problem);
  if (!existsSync(path)) return { kind: "missing" };
  const { size, mode } = statSync(path);
  const db = new Database(path, { readonly: true, strict: true });
  try {
    const rows = db
      .query<{ quick_check: string }, []>(`PRAGMA quick_check(${MAX_DAMAGES})`)
      .all()
      .map(({ quick_check }) => quick_check);
    return {
      kind: "found",
      schema: schemaVersion(db),
      knownSchema: MIGRATIONS.length,
      damages: rows.filter((row) => row !== "ok").map((row) => row.replaceAll(/\s+/g, " ")),
      sizeBytes: size,
      usedBytes: usedBytes(db),
      builtShare: builtShare(db),
      isReadableByOthers: (mode & 0o077) !== 0,
    };
  } finally {
    db.close();
  }
}

/** A database with an earlier schema has its whole index, which the next start will rebuild. */
function builtShare(db: Database): number {
  if (schemaVersion(db) < MIGRATIONS.length) return 1;
  const row = db
    .query<{ through: number; newest: number | null }, []>(
      "SELECT through, (SELECT max(id) FROM messages) AS newest FROM unsearchable",
    )
    .get();
  const newest = row?.newest ?? 0;
  return newest === 0 ? 1 : Math.max(0, 1 - (row?.through ?? 0) / newest);
}
