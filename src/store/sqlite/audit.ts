import type { Database } from "bun:sqlite";

import { type ChangedSetting, MAX_AUDIT_ENTRIES } from "../settings-store.ts";

interface Change {
  readonly at: number;
  readonly by: string;
  readonly changed: readonly ChangedSetting[];
}

/** The audit list on SQLite, for the transactions that change something. */
export function createAudit(db: Database) {
  const newest = db.query<{ version: number }, []>(
    "SELECT coalesce(max(version), 0) AS version FROM audit",
  );
  const insert = db.query<null, [number, string, number, string, string, string]>(
    `INSERT INTO audit (version, setting, at, author, old_value, new_value)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const forgetOldest = db.query<null, [number]>(
    `DELETE FROM audit WHERE rowid IN (
       SELECT rowid FROM audit ORDER BY version DESC, setting LIMIT -1 OFFSET ?
     )`,
  );
  const version = (): number => newest.get()?.version ?? 0;

  return {
    /** The version of the settings. */
    version,
    /** Notes a change, which leads to the next version. Returns that. */
    note({ at, by, changed }: Change): number {
      const next = version() + 1;
      for (const { setting, before, after } of changed) {
        insert.run(next, setting, at, by, before, after);
      }
      forgetOldest.run(MAX_AUDIT_ENTRIES);
      return next;
    },
  };
}
