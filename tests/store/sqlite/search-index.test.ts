import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTurn, outcome, storeExchange } from "../../support/stored-turns.ts";

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

function count(sql: string): number {
  const db = new Database(file, { readonly: true });
  const row = db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${sql}`).get();
  db.close();
  return row?.n ?? -1;
}

const waiting = () => count("unindexed");
const indexed = () => count("messages_fts_docsize");
const found = async (search: string) => (await store.listConversations({ limit: 9, search })).total;

test("a search finds messages that were stored a moment ago", async () => {
  await storeExchange(store, { question: "Do quokkas bite?", answer: "Seldom." });
  expect([waiting(), indexed()]).toEqual([2, 0]);
  expect([await found("quokkas"), await found("seldom")]).toEqual([1, 1]);
  expect([waiting(), indexed()]).toEqual([0, 2]);
});

test("an answer is found once it has its final text, and never twice", async () => {
  const turn = newTurn({ question: "Do quokkas bite?" });
  await store.beginTurn(turn);
  expect(await found("quokkas")).toBe(1);
  await store.saveDrafts([{ turnId: turn.turnId, content: "Well, zebras" }]);
  expect(await found("zebras")).toBe(0);
  await store.finishTurn(turn.turnId, outcome({ content: "Well, wombats do." }));
  expect([await found("zebras"), await found("wombats")]).toEqual([0, 1]);
  expect([waiting(), indexed()]).toEqual([0, 2]);
});

test("messages are indexed after a while without a search", async () => {
  await storeExchange(store);
  const deadline = performance.now() + 5000;
  while (waiting() > 0 && performance.now() < deadline) await Bun.sleep(20);
  expect([waiting(), indexed()]).toEqual([0, 2]);
});

test("messages that a process left unindexed are indexed by the next one", async () => {
  await storeExchange(store, { question: "Do quokkas bite?" });
  await store.close();
  expect(waiting()).toBe(2);
  store = openSqliteStore(file);
  expect(await found("quokkas")).toBe(1);
});

test("a conversation that is deleted before it is indexed leaves nothing to index", async () => {
  const { conversationId } = await storeExchange(store, { sessionId: "gone" });
  await storeExchange(store, { sessionId: "kept", question: "Do quokkas bite?" });
  await store.deleteConversation(conversationId);
  expect([waiting(), indexed()]).toEqual([2, 0]);
  expect(await found("open")).toBe(0);
  expect(await found("quokkas")).toBe(1);
  const db = new Database(file);
  db.run("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)");
  db.close();
});

test("one search finds all messages, even when they are more than an indexing batch", async () => {
  for (let n = 0; n < 130; n++) {
    await storeExchange(store, { sessionId: `v${n}`, question: "Do quokkas bite?" });
  }
  expect(await found("quokkas")).toBe(130);
  expect(waiting()).toBe(0);
});
