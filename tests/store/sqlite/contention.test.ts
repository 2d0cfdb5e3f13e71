import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";

afterEach(cleanUp);

test("a write waits for another process's write, while the server's other work goes on", async () => {
  const file = join(temporaryFolder(), "chat.db");
  const store = openSqliteStore(file);
  const other = new Database(file);
  other.run("BEGIN IMMEDIATE");

  let isStored = false;
  const stored = store
    .beginTurn({
      turnId: "t_1",
      sessionId: "a",
      owner: "",
      question: "Hi",
      idempotencyKey: undefined,
      model: "m",
      at: 0,
      history: { messages: 30, tokens: 8000 },
    })
    .then(() => (isStored = true));
  await store.ping();
  expect((await store.listConversations({ limit: 1 })).total).toBe(0);
  expect(isStored).toBe(false);

  other.run("ROLLBACK");
  await stored;
  expect((await store.listConversations({ limit: 1 })).total).toBe(1);
  other.close();
  await store.close();
});
