import { beforeEach, describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { migratePostgres, NewerSchemaError } from "../../../src/store/postgres/migrate.ts";
import type { Migration } from "../../../src/store/postgres/migrations.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { storeExchange } from "../../support/stored-turns.ts";

const TABLE: Migration = { sql: "CREATE TABLE words (word text)", usableFrom: 1 };
const COLUMN: Migration = { sql: "ALTER TABLE words ADD length integer", usableFrom: 1 };
const RENAMED: Migration = { sql: "ALTER TABLE words RENAME TO terms", usableFrom: 3 };

describe.skipIf(!hasPostgres)("the schema of a PostgreSQL database", () => {
  let url: string;
  beforeEach(async () => {
    url = await (await sharedPostgres()).createDatabase();
  });

  async function query(statement: string): Promise<Record<string, unknown>[]> {
    const sql = new SQL(url, { max: 1 });
    const rows = await sql.unsafe(statement);
    await sql.close();
    return [...rows];
  }

  test("is made once by many replicas that start at the same time, each step once", async () => {
    await Promise.all(Array.from({ length: 8 }, () => migratePostgres(url, [TABLE, COLUMN])));
    expect(await query("SELECT * FROM schema")).toEqual([{ version: 2, usable_from: 1 }]);
    await migratePostgres(url, [TABLE, COLUMN, RENAMED]);
    expect(await query("SELECT * FROM schema")).toEqual([{ version: 3, usable_from: 3 }]);
    expect(await query("SELECT word, length FROM terms")).toEqual([]);
  });

  test("is not changed at all by steps of which one fails", async () => {
    const wrong: Migration = { sql: "CREATE TABLE words (word text)", usableFrom: 1 };
    await expect(migratePostgres(url, [TABLE, wrong])).rejects.toThrow("already exists");
    expect(await query("SELECT to_regclass('words') AS t, to_regclass('schema') AS s")).toEqual([
      { t: null, s: null },
    ]);
  });

  test("may be newer than a chatporch that can work with it, as during a deploy", async () => {
    await migratePostgres(url, [TABLE, COLUMN]);
    await migratePostgres(url, [TABLE]);
    expect(await query("SELECT * FROM schema")).toEqual([{ version: 2, usable_from: 1 }]);
  });

  test("is left alone by a chatporch that cannot work with it", async () => {
    await migratePostgres(url, [TABLE, COLUMN, RENAMED]);
    await expect(migratePostgres(url, [TABLE, COLUMN])).rejects.toThrow(NewerSchemaError);
    expect(await query("SELECT * FROM schema")).toEqual([{ version: 3, usable_from: 3 }]);
  });

  test("keeps what is stored when the server starts again", async () => {
    const { store } = await openPostgresStore(url);
    const { turnId } = await storeExchange(store);
    await store.close();
    const { store: again } = await openPostgresStore(url);
    expect(await again.findTurn(turnId)).toMatchObject({ answer: { content: "At nine." } });
    await again.close();
  });
});
