import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, jest, spyOn, test } from "bun:test";
import { copyFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { Checkpoints } from "../../../src/store/sqlite/checkpoints.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { newTurn } from "../../support/stored-turns.ts";

let file: string;
let db: Database;
let checkpoints: Checkpoints;

beforeEach(() => {
  file = join(temporaryFolder(), "test.db");
  db = new Database(file);
  db.run("PRAGMA journal_mode = WAL");
  db.run("CREATE TABLE said (words TEXT)");
  checkpoints = new Checkpoints(db);
  jest.useFakeTimers();
});

afterEach(async () => {
  jest.useRealTimers();
  checkpoints.close();
  db.close();
  await cleanUp();
});

function say(words: string): void {
  db.run("INSERT INTO said VALUES (?)", [words]);
  checkpoints.committed();
}

/** The messages that are left when a power cut destroys the WAL: those in the database file alone. */
function afterPowerCut(): unknown[] {
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  const alone = new Database(copy);
  try {
    return alone
      .query("SELECT words FROM said")
      .values()
      .map(([words]) => words);
  } finally {
    alone.close();
  }
}

test("a commit is in the database file after five seconds, however small it is", () => {
  db.run("PRAGMA wal_checkpoint");
  say("one");
  jest.advanceTimersByTime(4000);
  say("two");
  expect(afterPowerCut()).toEqual([]);
  jest.advanceTimersByTime(1000);
  expect(afterPowerCut()).toEqual(["one", "two"]);
  say("three");
  jest.advanceTimersByTime(5000);
  expect(afterPowerCut()).toEqual(["one", "two", "three"]);
});

test("a commit that a reader delayed is in the database file after the next checkpoint, without another commit", () => {
  db.run("PRAGMA wal_checkpoint");
  const reader = new Database(file);
  reader.run("BEGIN");
  reader.query("SELECT * FROM said").all();
  say("one");
  jest.advanceTimersByTime(5000);
  expect(afterPowerCut()).toEqual([]);
  reader.close();
  jest.advanceTimersByTime(5000);
  expect(afterPowerCut()).toEqual(["one"]);
});

test("every commit of a store schedules a checkpoint", async () => {
  jest.useRealTimers();
  const committed = spyOn(Checkpoints.prototype, "committed");
  const store = openSqliteStore(":memory:");
  try {
    await store.beginTurn(newTurn());
    expect(committed).toHaveBeenCalledTimes(1);
  } finally {
    await store.close();
    committed.mockRestore();
  }
});

test("scrubbing empties the WAL, even when a reader delays it", () => {
  const walBytes = () => statSync(`${file}-wal`).size;
  say("secret");
  checkpoints.scrub();
  expect(walBytes()).toBe(0);
  const reader = new Database(file);
  reader.run("BEGIN");
  reader.query("SELECT * FROM said").all();
  say("more");
  checkpoints.scrub();
  expect(walBytes()).toBeGreaterThan(0);
  reader.close();
  jest.advanceTimersByTime(1000);
  expect(walBytes()).toBe(0);
});

test("a checkpoint that fails throws no error", () => {
  const closed = new Database(":memory:");
  const none = new Checkpoints(closed);
  closed.close();
  none.committed();
  jest.advanceTimersByTime(5000);
  none.close();
});
