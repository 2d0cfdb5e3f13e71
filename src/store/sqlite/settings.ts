import type { Database } from "bun:sqlite";

import {
  type AuditEntry,
  MAX_INSTRUCTIONS,
  MAX_REVOKED_KEYS,
  type SettingsChange,
  type SettingsStore,
  type StoredInstructions,
  type StoredSettings,
  type WidgetKey,
} from "../settings-store.ts";
import { createAudit } from "./audit.ts";
import type { GroupCommit } from "./group-commit.ts";

function prepare(db: Database) {
  return {
    values: db.query<{ name: string; value: string }, []>("SELECT name, value FROM settings"),
    setValue: db.query<null, [string, string]>(
      `INSERT INTO settings (name, value) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value`,
    ),
    unsetValue: db.query<null, [string]>("DELETE FROM settings WHERE name = ?"),
    keys: db.query<WidgetKeyRow, []>(
      `SELECT id, name, key, made_at AS madeAt, revoked_at AS revokedAt
       FROM widget_keys ORDER BY made_at, id`,
    ),
    makeKey: db.query<null, [string, string, string, number]>(
      "INSERT INTO widget_keys (id, name, key, made_at) VALUES (?, ?, ?, ?)",
    ),
    revokeKey: db.query<null, [number, string]>(
      "UPDATE widget_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
    ),
    forgetKeys: db.query<null, [number]>(
      `DELETE FROM widget_keys WHERE id IN (
         SELECT id FROM widget_keys WHERE revoked_at IS NOT NULL
         ORDER BY revoked_at DESC, id DESC LIMIT -1 OFFSET ?
       )`,
    ),
    addInstructions: db.query<null, [number, string, number, string]>(
      "INSERT INTO instructions (version, text, at, author) VALUES (?, ?, ?, ?)",
    ),
    forgetInstructions: db.query<null, [number]>(
      `DELETE FROM instructions WHERE version IN (
         SELECT version FROM instructions ORDER BY version DESC LIMIT -1 OFFSET ?
       )`,
    ),
    instructions: db.query<StoredInstructions, []>(
      "SELECT version, text, at, author AS by FROM instructions ORDER BY version DESC",
    ),
    audit: db.query<AuditEntry, [number]>(
      `SELECT version, setting, at, author AS by, old_value AS before, new_value AS after
       FROM audit ORDER BY version DESC, setting LIMIT ?`,
    ),
  };
}

interface WidgetKeyRow extends Omit<WidgetKey, "revokedAt"> {
  readonly revokedAt: number | null;
}

/** What the owner has set, on SQLite. */
export class SqliteSettings implements SettingsStore {
  readonly #writes: GroupCommit;
  readonly #queries: ReturnType<typeof prepare>;
  readonly #audit: ReturnType<typeof createAudit>;

  constructor(db: Database, writes: GroupCommit) {
    this.#writes = writes;
    this.#audit = createAudit(db);
    this.#queries = prepare(db);
  }

  async readSettings(): Promise<StoredSettings> {
    const { values, keys } = this.#queries;
    // Nothing can be written in between: SQLite answers at once.
    return {
      version: this.#audit.version(),
      values: Object.fromEntries(values.all().map(({ name, value }) => [name, value])),
      keys: keys.all().map((row) => ({ ...row, revokedAt: row.revokedAt ?? undefined })),
    };
  }

  async changeSettings(change: SettingsChange): Promise<boolean> {
    return this.#writes.write(() => {
      if (this.#audit.version() !== change.expectedVersion) return false;
      this.#store(change);
      return true;
    });
  }

  #store(change: SettingsChange): void {
    const queries = this.#queries;
    const { at, by, instructions } = change;
    const version = this.#audit.note({ at, by, changed: change.audit });
    for (const [name, value] of Object.entries(change.values)) {
      if (value === null) queries.unsetValue.run(name);
      else queries.setValue.run(name, value);
    }
    for (const { id, name, key } of change.madeKeys) queries.makeKey.run(id, name, key, at);
    for (const id of change.revokedKeys) queries.revokeKey.run(at, id);
    queries.forgetKeys.run(MAX_REVOKED_KEYS);
    if (instructions !== undefined) {
      queries.addInstructions.run(version, instructions, at, by);
      queries.forgetInstructions.run(MAX_INSTRUCTIONS);
    }
  }

  async listAudit(limit: number): Promise<readonly AuditEntry[]> {
    return this.#queries.audit.all(limit);
  }

  async listInstructions(): Promise<readonly StoredInstructions[]> {
    return this.#queries.instructions.all();
  }
}
