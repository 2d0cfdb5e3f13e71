import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { migrate, NewerSchemaError, schemaVersion } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";

const FIRST = "CREATE TABLE one (x TEXT) STRICT; INSERT INTO one VALUES ('kept')";
const SECOND = "ALTER TABLE one ADD COLUMN y INTEGER";
/** A step whose last statement fails, after others have changed the schema and the rows. */
const BROKEN = "CREATE TABLE two (x TEXT) STRICT; DELETE FROM one; INSERT INTO nowhere VALUES (1)";

let db: Database;

beforeEach(() => {
  db = new Database(":memory:", { strict: true });
});

afterEach(() => {
  db.close();
  return cleanUp();
});

function schemaOf(database: Database): unknown[] {
  return database.query("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
}

describe("migrate", () => {
  test("brings an empty database to the newest schema, in order", () => {
    migrate(db, [FIRST, SECOND]);
    expect(schemaVersion(db)).toBe(2);
    expect(db.query("SELECT * FROM one").all()).toEqual([{ x: "kept", y: null }]);
  });

  test("runs only the steps that are new", () => {
    migrate(db, [FIRST]);
    expect(schemaVersion(db)).toBe(1);
    migrate(db, [FIRST, SECOND]);
    expect(schemaVersion(db)).toBe(2);
    expect(db.query("SELECT count(*) AS rows FROM one").get()).toEqual({ rows: 1 });
  });

  test("changes nothing in a database that is up to date", () => {
    migrate(db);
    const before = schemaOf(db);
    migrate(db);
    expect(schemaOf(db)).toEqual(before);
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(db.query("SELECT * FROM totals").all()).toEqual([{ conversations: 0 }]);
  });

  test("refuses a newer schema before anything is changed", () => {
    migrate(db, [FIRST, SECOND]);
    const before = schemaOf(db);
    expect(() => migrate(db, ["CREATE TABLE three (x TEXT)"])).toThrow(NewerSchemaError);
    expect(() => migrate(db, [FIRST])).toThrow(/schema 2.*up to 1/);
    expect(schemaOf(db)).toEqual(before);
    expect(schemaVersion(db)).toBe(2);
  });

  test("leaves version, schema and rows as they were when a step fails", () => {
    migrate(db, [FIRST]);
    const before = schemaOf(db);
    expect(() => migrate(db, [FIRST, BROKEN])).toThrow("nowhere");
    expect(schemaVersion(db)).toBe(1);
    expect(schemaOf(db)).toEqual(before);
    expect(db.query("SELECT * FROM one").all()).toEqual([{ x: "kept" }]);
    expect(db.inTransaction).toBe(false);
  });

  test("keeps the complete steps before the one that fails, and goes on from there", () => {
    expect(() => migrate(db, [FIRST, BROKEN, SECOND])).toThrow("nowhere");
    expect(schemaVersion(db)).toBe(1);
    migrate(db, [FIRST, SECOND]);
    expect(schemaVersion(db)).toBe(2);
  });

  test("of two processes that start at once, the second one finds the first one's steps done", () => {
    const file = join(temporaryFolder(), "chat.db");
    const first = new Database(file);
    /** A handle that is delayed between reading the version and its first step. */
    class LateDatabase extends Database {
      override transaction: Database["transaction"] = (work) => {
        migrate(first, [FIRST, SECOND]);
        return super.transaction(work);
      };
    }
    const second = new LateDatabase(file);
    migrate(second, [FIRST, SECOND]);
    expect(schemaVersion(second)).toBe(2);
    expect(second.query("SELECT * FROM one").all()).toEqual([{ x: "kept", y: null }]);
    first.close();
    second.close();
  });
});
