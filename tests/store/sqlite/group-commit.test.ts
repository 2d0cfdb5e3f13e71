import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { GroupCommit } from "../../../src/store/sqlite/group-commit.ts";

let file: string;
let db: Database;
let writes: GroupCommit;

beforeEach(() => {
  file = join(temporaryFolder(), "group.db");
  db = new Database(file, { create: true, strict: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA busy_timeout = 0");
  db.run("CREATE TABLE kept (n INTEGER PRIMARY KEY) STRICT");
  writes = new GroupCommit(db);
});

afterEach(() => {
  db.close();
  return cleanUp();
});

function insert(n: number): number {
  db.query<null, [number]>("INSERT INTO kept VALUES (?)").run(n);
  return n;
}

/** The committed rows, as another process sees them. */
function committed(): number[] {
  const other = new Database(file, { readonly: true });
  const rows = other.query<{ n: number }, []>("SELECT n FROM kept ORDER BY n").all();
  other.close();
  return rows.map(({ n }) => n);
}

describe("writes of one turn of the event loop", () => {
  test("run in their order and share a transaction", async () => {
    const seen: number[][] = [];
    const all = [1, 2, 3].map((n) =>
      writes.write(() => {
        seen.push(committed());
        return insert(n);
      }),
    );
    expect(await Promise.all(all)).toEqual([1, 2, 3]);
    // Other processes saw the whole group at once.
    expect(seen).toEqual([[], [], []]);
    expect(committed()).toEqual([1, 2, 3]);
  });

  test("are acknowledged after the commit, not before", async () => {
    const rows = writes.write(() => insert(1)).then(() => committed());
    expect(await rows).toEqual([1]);
  });

  test("lose only the one that fails, whatever it had written", async () => {
    const results = await Promise.allSettled([
      writes.write(() => insert(1)),
      writes.write(() => {
        insert(2);
        throw new Error("no");
      }),
      writes.write(() => insert(3)),
      writes.write(() => insert(1)),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    expect(committed()).toEqual([1, 3]);
    expect(db.inTransaction).toBe(false);
  });

  test("are all written, even when they are more than a group takes", async () => {
    await Promise.all(Array.from({ length: 500 }, (_, n) => writes.write(() => insert(n))));
    expect(committed()).toHaveLength(500);
  });
});

describe("while another process holds the lock", () => {
  test("writes wait in their order, and go on when the lock is free", async () => {
    const other = new Database(file);
    other.run("BEGIN IMMEDIATE");
    const order: number[] = [];
    const waiting = [1, 2].map((n) => writes.write(() => insert(n)).then(() => order.push(n)));
    await Bun.sleep(30);
    const late = writes.write(() => insert(3)).then(() => order.push(3));
    expect(order).toEqual([]);
    other.run("ROLLBACK");
    await Promise.all([...waiting, late]);
    expect(order).toEqual([1, 2, 3]);
    other.close();
  });
});

test("close waits for the writes that came before it", async () => {
  const written = writes.write(() => insert(1));
  await writes.close();
  expect(committed()).toEqual([1]);
  expect(await written).toBe(1);
});

test("a write after the close is refused, and nothing happens later", async () => {
  await writes.close();
  db.close();
  await expect(writes.write(() => insert(1))).rejects.toThrow("The database is closed.");
});

test("every commit of a group is reported once with its duration, and a failed one is not reported", async () => {
  const durations: number[] = [];
  const timed = new GroupCommit(db, (durationMs) => durations.push(durationMs));
  await Promise.all([1, 2, 3].map((n) => timed.write(() => insert(n))));
  expect(durations).toHaveLength(1);
  expect(durations[0]).toBeGreaterThan(0);
  await timed.write(() => insert(1)).catch(() => undefined);
  expect(durations).toHaveLength(1);
  await timed.write(() => insert(4));
  expect(durations).toHaveLength(2);
});
