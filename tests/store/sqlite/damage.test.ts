import { afterEach, expect, test } from "bun:test";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { DamagedDatabaseError } from "../../../src/store/sqlite/damage.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { newTurn, storeExchange } from "../../support/stored-turns.ts";

afterEach(cleanUp);

const PAGE_BYTES = 4096;

/** Overwrites all but the first page. */
function overwrite(file: string): void {
  const handle = openSync(file, "r+");
  const junk = Buffer.alloc(PAGE_BYTES, "junk");
  for (let at = PAGE_BYTES; at < statSync(file).size; at += PAGE_BYTES) {
    writeSync(handle, junk, 0, PAGE_BYTES, at);
  }
  closeSync(handle);
}

async function makeDatabase(): Promise<string> {
  const file = join(temporaryFolder(), "chat.db");
  const store = openSqliteStore(file);
  await storeExchange(store);
  await store.close();
  return file;
}

test("a damaged file is not opened, and the error names it and says what to do", async () => {
  const file = await makeDatabase();
  overwrite(file);
  expect(() => openSqliteStore(file)).toThrow(DamagedDatabaseError);
  expect(() => openSqliteStore(file)).toThrow(`${file} is damaged`);
  expect(() => openSqliteStore(file)).toThrow("chatporch restore FILE --force");
});

test("a store whose file is damaged reports it at the next write, and does not answer from then on", async () => {
  const file = await makeDatabase();
  const store = openSqliteStore(file);
  await store.ping();
  overwrite(file);
  await expect(store.beginTurn(newTurn())).rejects.toThrow(`${file} is damaged`);
  await expect(store.ping()).rejects.toThrow();
  await store.close();
});

test("a write that fails for another reason does not count as damage", async () => {
  const store = openSqliteStore(await makeDatabase());
  const turn = newTurn();
  await store.beginTurn(turn);
  await expect(store.beginTurn({ ...turn, sessionId: "other" })).rejects.toThrow();
  await store.ping();
  await store.close();
});
