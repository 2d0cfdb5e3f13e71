import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { inspectSqlite } from "../../../src/store/sqlite/inspect.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";

afterEach(cleanUp);

const newPath = () => join(temporaryFolder(), "chatporch.db");

test("inspecting a missing file does not create it", () => {
  const path = newPath();
  expect(inspectSqlite(path)).toEqual({ kind: "missing" });
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("inspecting an intact database finds its schema, even while it is open", async () => {
  const path = newPath();
  const store = openSqliteStore(path);
  const state = inspectSqlite(path);
  if (state.kind === "missing") throw new Error("It is there.");
  expect(state).toMatchObject({ damages: [], isReadableByOthers: false });
  expect(state.schema).toBe(state.knownSchema);
  await store.close();
});

test("inspecting a closed database does not change it", async () => {
  const path = newPath();
  await openSqliteStore(path).close();
  const before = readFileSync(path);
  inspectSqlite(path);
  expect(readFileSync(path)).toEqual(before);
});

test("inspecting finds a newer schema and a file that others can read", async () => {
  const path = newPath();
  await openSqliteStore(path).close();
  const db = new Database(path);
  db.run("PRAGMA user_version = 999");
  db.close();
  chmodSync(path, 0o644);
  expect(inspectSqlite(path)).toMatchObject({ schema: 999, isReadableByOthers: true });
});

test("inspecting finds damage", async () => {
  const path = newPath();
  await openSqliteStore(path).close();
  const bytes = readFileSync(path);
  // A wrong number of free pages (SQLite's file format, section 1.3.9): there are none.
  bytes.writeUInt32BE(5, 36);
  writeFileSync(path, bytes);
  const state = inspectSqlite(path);
  if (state.kind === "missing") throw new Error("It is there.");
  expect(state.damages.length).toBeGreaterThan(0);
  expect(state.damages.join()).toMatch(/freelist/i);
});

test("inspecting refuses a file that is not a database", async () => {
  const path = newPath();
  await Bun.write(path, "not a database ".repeat(100));
  expect(() => inspectSqlite(path)).toThrow("not a database");
});
