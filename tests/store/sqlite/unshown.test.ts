import { Database } from "bun:sqlite";
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { mintedId, newTurn, NOON, storeExchange } from "../../support/stored-turns.ts";

afterEach(cleanUp);

test("empty answers to questions that are left to a person are not counted, also those of the version before", async () => {
  const file = join(temporaryFolder(), "chat.db");
  const store = openSqliteStore(file);
  const sessionId = mintedId("left");
  const { conversationId } = await storeExchange(store, { sessionId });
  await store.takeOver(conversationId, { name: "Anna", at: NOON });
  expect(await store.beginTurn(newTurn({ sessionId }))).toMatchObject({ kind: "person" });
  expect((await store.findConversation(conversationId))?.messageCount).toBe(3);
  await store.close();

  // As it was before the step of the schema.
  const db = new Database(file);
  db.run("DROP TRIGGER unshown_counted");
  db.run("ALTER TABLE conversations DROP COLUMN unshown_count");
  // Nor were those after it.
  for (const trigger of ["held_beyond_end", "held_beyond_erasure"])
    db.run(`DROP TRIGGER ${trigger}`);
  db.run("ALTER TABLE messages DROP COLUMN held");
  const step = MIGRATIONS.findIndex((migration) => migration.includes("ADD COLUMN unshown_count"));
  db.run(`PRAGMA user_version = ${step}`);
  db.close();
  const again = openSqliteStore(file);
  expect((await again.findConversation(conversationId))?.messageCount).toBe(3);
  await again.close();
});
