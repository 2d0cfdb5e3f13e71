import { SQL } from "bun";

import { sharedPostgres } from "../../harness/postgres.ts";
import { openPostgresStore, type PostgresParts } from "../../src/store/postgres/open.ts";
import { createDerivedIndex } from "../../src/store/sqlite/derived-index.ts";

/** A search waits until the index is whole, however busy the machine is. */
export const WITH_INDEX = { makeIndex: async () => createDerivedIndex(), searchWaitMs: 10_000 };

let database: Promise<string> | undefined;

/** One database for all tests, because to empty its tables takes a tenth of the time of making a new one. */
export async function openEmptyPostgres(): Promise<PostgresParts> {
  database ??= sharedPostgres().then((server) => server.createDatabase());
  const url = await database;
  const parts = await openPostgresStore(url, WITH_INDEX);
  const sql = new SQL(url, { max: 1 });
  const tables: readonly { readonly name: string }[] = await sql`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema'`;
  await sql.unsafe(`TRUNCATE ${tables.map(({ name }) => name).join(", ")}`);
  await sql`INSERT INTO settings_version VALUES (0)`;
  await sql.close();
  return parts;
}
