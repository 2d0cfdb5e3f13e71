import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { SQL } from "bun";
import fc from "fast-check";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { copyIn, readBack } from "../../../src/store/postgres/copy-table.ts";
import type { StoredTable } from "../../../src/store/stored-tables.ts";

setDefaultTimeout(30_000);

/** Also what the format of COPY has a meaning for. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom("\\", "N", ".", "n", "x", "0", "\n", "\r", "\t", "\b", "'"),
    maxLength: 8,
  }),
  fc.string({
    unit: fc.constantFrom("\0", "a", "\ud800", "\udc00", "\u007f", "\u0080", "\u{10ffff}"),
    maxLength: 8,
  }),
);

describe.skipIf(!hasPostgres)("a table that is copied into PostgreSQL", () => {
  let sql: SQL;

  beforeAll(async () => {
    sql = new SQL(await (await sharedPostgres()).createDatabase(), { max: 1 });
  });

  afterAll(() => sql.close());

  test("holds every text as it was, but for NUL and halves of characters, and is read back with the same hash", async () => {
    const texts = fc.sample(fc.option(text), { numRuns: 5000 });
    const rows = texts.map((content, id) => ({ id, content }));
    const columns = ["id", "content"];
    const table: StoredTable = { name: "copied", columns, rowCount: rows.length, rows: () => rows };
    await sql.begin(async (tx) => {
      await tx`CREATE TABLE copied (id bigint PRIMARY KEY, content text, words text)`;
      const extra = { column: "words", valueOf: () => "an\textra" };
      const sent = await copyIn(tx, table, { order: "id", extra }, () => {});
      const found = await readBack(tx, table, { order: "id" }, () => {});
      expect(found).toEqual(sent);
      expect(found.rows).toBe(5000);
      const stored: readonly { content: string | null; words: string }[] =
        await tx`SELECT content, words FROM copied ORDER BY id`;
      const expected = texts.map((each) => each?.toWellFormed().replaceAll("\0", "\ufffd") ?? null);
      expect(stored.map(({ content }) => content)).toEqual(expected);
      expect(new Set(stored.map(({ words }) => words))).toEqual(new Set(["an\textra"]));
    });
  });
});
