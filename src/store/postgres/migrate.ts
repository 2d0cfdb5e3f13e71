import { SQL } from "bun";

import { UnusableSettingError } from "../../config/problems.ts";
import { type Migration, MIGRATIONS } from "./migrations.ts";

/** Thrown when a newer chatporch has changed the database in a way that this one cannot work with. */
export class NewerSchemaError extends UnusableSettingError {
  override readonly name = "NewerSchemaError";

  constructor(found: number, known: number) {
    super(
      `The database has schema ${found}, and this chatporch knows schemas up to ${known}. ` +
        "Start the newer version.",
    );
  }
}

interface SchemaRow {
  readonly version: number;
  readonly usable_from: number;
}

/**
 * Brings the database to the newest schema, in one transaction. Of replicas that start at the same time, one does
 * it and the others wait. A newer schema is left as it is, where this version can work with it.
 * @throws NewerSchemaError, or SQL.PostgresError
 */
export async function migratePostgres(
  url: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const sql = new SQL(url, { max: 1 });
  try {
    await sql.begin(async (transaction) => {
      await transaction`SELECT pg_advisory_xact_lock(hashtextextended('chatporch.schema', 0))`;
      await transaction`CREATE TABLE IF NOT EXISTS schema (
        version     integer NOT NULL,
        usable_from integer NOT NULL
      )`;
      const found: readonly SchemaRow[] =
        await transaction`SELECT version, usable_from FROM schema`;
      const [{ version, usable_from: usableFrom } = { version: 0, usable_from: 0 }] = found;
      if (usableFrom > migrations.length) throw new NewerSchemaError(version, migrations.length);
      const missing = migrations.slice(version);
      for (const { sql: step } of missing) await transaction.unsafe(step);
      const last = missing.at(-1);
      if (last === undefined) return;
      await transaction`DELETE FROM schema`;
      await transaction`INSERT INTO schema VALUES (${migrations.length}, ${last.usableFrom})`;
    });
  } finally {
    await sql.close({ timeout: 0 });
  }
}
