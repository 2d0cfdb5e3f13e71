import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { begin, newTurn, outcome } from "../../support/stored-turns.ts";

test("a failed statement leaves nothing of its transaction", async () => {
  const file = join(temporaryFolder(), "chat.db");
  const broken = openSqliteStore(file);
  const turn = newTurn();
  const { conversationId } = await begin(broken, turn);
  const db = new Database(file);
  db.run(`CREATE TRIGGER no_touch BEFORE UPDATE ON conversations
          BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
  await expect(broken.beginTurn(newTurn({ sessionId: "other" }))).rejects.toThrow(
    "the disk is full",
  );
  await expect(broken.finishTurn(turn.turnId, outcome())).rejects.toThrow("the disk is full");
  db.run("DROP TRIGGER no_touch");
  db.close();

  const messages = await broken.listMessages(conversationId);
  expect(messages.map(({ status }) => status)).toEqual(["complete", "streaming"]);
  await broken.finishTurn(turn.turnId, outcome());
  expect((await broken.listMessages(conversationId))[1]?.status).toBe("complete");
  await broken.close();
  await cleanUp();
});
