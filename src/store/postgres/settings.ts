import {
  type AuditEntry,
  MAX_AUDIT_ENTRIES,
  MAX_INSTRUCTIONS,
  MAX_REVOKED_KEYS,
  type SettingsStore,
  type StoredInstructions,
  type StoredSettings,
  type WidgetKey,
} from "../settings-store.ts";
import type { Pool } from "./pool.ts";

/** One statement, so that what it returns is of one moment. */
const READ = `SELECT (SELECT version::float8 FROM settings_version) AS version,
  (SELECT coalesce(json_object_agg(name, value), '{}') FROM settings) AS "values",
  (SELECT coalesce(json_agg(json_build_object(
      'id', id, 'name', name, 'key', key, 'madeAt', made_at, 'revokedAt', revoked_at
    ) ORDER BY made_at, id), '[]') FROM widget_keys) AS keys`;

interface SettingsRow extends Omit<StoredSettings, "keys"> {
  readonly keys: readonly (Omit<WidgetKey, "revokedAt"> & { readonly revokedAt: number | null })[];
}

/**
 * Stores a change, if the settings still have the expected version ($1). One that comes at the same time waits for
 * the row of the version, and finds another one then. All parts see the tables as they were before, so what is too
 * many is counted without what is added.
 */
const CHANGE = `WITH next AS (
    UPDATE settings_version SET version = version + 1 WHERE version = $1::bigint RETURNING version
  ), noted AS (
    INSERT INTO audit (version, setting, at, author, old_value, new_value)
    SELECT next.version, a.setting, $2::bigint, $3, a.before, a.after
    FROM next, json_to_recordset($4::text::json) AS a (setting text, before text, after text)
  ), forgotten AS (
    DELETE FROM audit USING next WHERE (audit.version, audit.setting) IN (
      SELECT version, setting FROM audit ORDER BY version DESC, setting
      OFFSET greatest(0, ${MAX_AUDIT_ENTRIES} - json_array_length($4::text::json))
    )
  ), unset AS (
    DELETE FROM settings USING next, json_to_recordset($5::text::json) AS v (name text, value text)
    WHERE settings.name = v.name AND v.value IS NULL
  ), set AS (
    INSERT INTO settings (name, value)
    SELECT v.name, v.value FROM next, json_to_recordset($5::text::json) AS v (name text, value text)
    WHERE v.value IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
  ), made AS (
    INSERT INTO widget_keys (id, name, key, made_at)
    SELECT k.id, k.name, k.key, $2::bigint
    FROM next, json_to_recordset($6::text::json) AS k (id text, name text, key text)
  ), revoked AS (
    UPDATE widget_keys SET revoked_at = $2::bigint FROM next
    WHERE id = ANY ($7::text[]) AND revoked_at IS NULL
  ), forgotten_keys AS (
    DELETE FROM widget_keys USING next WHERE id IN (
      SELECT id FROM widget_keys WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC, id DESC
      OFFSET greatest(0, ${MAX_REVOKED_KEYS} - cardinality($7::text[]))
    )
  ), instructed AS (
    INSERT INTO instructions (version, text, at, author)
    SELECT next.version, $8, $2::bigint, $3 FROM next WHERE $8::text IS NOT NULL
  ), forgotten_instructions AS (
    DELETE FROM instructions USING next WHERE $8::text IS NOT NULL AND instructions.version IN (
      SELECT version FROM instructions ORDER BY version DESC OFFSET ${MAX_INSTRUCTIONS - 1}
    )
  )
  SELECT version FROM next`;

/** What the owner has set, on PostgreSQL. */
export function createSettings(pool: Pool): SettingsStore {
  return {
    async readSettings() {
      const [row] = await pool.query<SettingsRow>(READ);
      if (row === undefined) throw new Error("The settings could not be read.");
      const keys = row.keys.map((key) => ({ ...key, revokedAt: key.revokedAt ?? undefined }));
      return { ...row, keys };
    },

    async changeSettings({ expectedVersion, at, by, ...change }) {
      const values = Object.entries(change.values).map(([name, value]) => ({ name, value }));
      const { count } = await pool.query(CHANGE, [
        expectedVersion,
        at,
        by,
        JSON.stringify(change.audit),
        JSON.stringify(values),
        JSON.stringify(change.madeKeys),
        change.revokedKeys,
        change.instructions,
      ]);
      return count > 0;
    },

    listAudit: (limit) =>
      pool.query<AuditEntry>(
        `SELECT version::float8 AS version, setting, at::float8 AS at, author AS by,
           old_value AS before, new_value AS after
         FROM audit ORDER BY version DESC, setting LIMIT $1::integer`,
        [limit],
      ),

    listInstructions: () =>
      pool.query<StoredInstructions>(
        `SELECT version::float8 AS version, text, at::float8 AS at, author AS by
         FROM instructions ORDER BY version DESC`,
      ),
  };
}
