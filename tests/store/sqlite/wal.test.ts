import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { storeExchange } from "../../support/stored-turns.ts";

setDefaultTimeout(30_000);

const MIB = 1024 * 1024;
/** The size to which open.ts cuts the WAL. */
const LIMIT = 16 * MIB;

/** A program that reads, says so, and keeps its snapshot until its standard input ends, as a long backup does. */
const READER = `
  const { Database } = require("bun:sqlite");
  const db = new Database(process.argv.at(-1), { readonly: true });
  db.run("BEGIN");
  db.query("SELECT count(*) FROM messages").get();
  console.log("reading");
  for await (const _ of Bun.stdin.stream()) {}
  db.close();
`;

let file: string;
let store: Store;

beforeEach(() => {
  file = join(temporaryFolder(), "chat.db");
  store = openSqliteStore(file);
});

afterEach(async () => {
  await store.close();
  await cleanUp();
});

const walSize = (): number => statSync(`${file}-wal`).size;

/** Stores exchanges, 16 at once, and returns the largest size that the WAL had. */
async function write(groups: number): Promise<number> {
  let largest = 0;
  for (let group = 0; group < groups; group += 1) {
    await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        storeExchange(store, { sessionId: `${group}-${i}`, answer: "word ".repeat(500) }),
      ),
    );
    largest = Math.max(largest, walSize());
  }
  return largest;
}

test("the WAL stays small with steady writes", async () => {
  const largest = await write(400);
  expect(statSync(file).size).toBeGreaterThan(LIMIT);
  expect(largest).toBeLessThan(14 * MIB);
});

test("the WAL grows beside a long reader in another process, and shrinks after it has gone", async () => {
  await write(1);
  const reader = Bun.spawn([process.execPath, "-e", READER, file], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = reader.stdout.getReader();
  expect(new TextDecoder().decode((await output.read()).value)).toBe("reading\n");

  let grown = 0;
  while (grown < 2 * LIMIT) grown = await write(50);
  await write(1);
  expect(walSize()).toBeGreaterThanOrEqual(grown);

  await reader.stdin.end();
  expect(await reader.exited).toBe(0);
  // The next checkpoint copies all of the WAL, and the write after it starts the WAL again.
  await write(10);
  expect(walSize()).toBeLessThanOrEqual(LIMIT);
  const largest = await write(100);
  expect(largest).toBeLessThanOrEqual(LIMIT);
});
