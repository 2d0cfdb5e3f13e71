import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { ask, databaseIn, KEYS, readDatabase } from "../../harness/chat-requests.ts";
import { cleanUp, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { storeExchange } from "../support/stored-turns.ts";

setDefaultTimeout(30_000);

afterEach(cleanUp);

const DAY_MS = 24 * 60 * 60 * 1000;

test("RETENTION_DAYS deletes older conversations some time after the start, and logs it", async () => {
  const folder = temporaryFolder();
  const store = openSqliteStore(databaseIn(folder));
  for (const days of [31, 30.001, 29]) {
    await storeExchange(store, { sessionId: `${days}-days`, at: Date.now() - days * DAY_MS });
  }
  await store.close();

  const server = await startChatporch({ ...KEYS, RETENTION_DAYS: "30" }, folder);
  await (await ask(server.url, "Hello")).text();
  await server.stdout.until(/deleted old conversations conversations=2 days=30/);
  expect(readDatabase(databaseIn(folder)).messages).toHaveLength(4);
  expect(await server.stop()).toBe(0);
});
