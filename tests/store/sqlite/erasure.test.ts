import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { expire, expireAll, sessionsIn } from "../../support/expiry.ts";
import { storedRequest } from "../../support/stored-requests.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";

const OLD = NOON - 1000;
/** Words of expired conversations as the search index stores them: without the beginnings that they share. */
const WORDS = ["zebrafish", "quokkas", "xylophone"];

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

function leftovers(): string[] {
  const files = [file, `${file}-wal`].filter((path) => existsSync(path));
  const bytes = Buffer.concat(files.map((path) => readFileSync(path)));
  return WORDS.filter((word) => bytes.includes(word.slice(2)));
}

function expectSoundFile(): void {
  const db = new Database(file);
  expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  expect(db.query("PRAGMA foreign_key_check").all()).toEqual([]);
  // This throws when the index is wrong.
  db.run("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)");
  db.close();
}

test("a rating's comment and a request's contact leave no word in any file when they are erased", async () => {
  const [comment = "", note = "", value = ""] = WORDS;
  const { conversationId, turnId } = await storeExchange(store);
  await storeExchange(store, { sessionId: "other" });
  await store.rateAnswer(turnId, { value: "negative", reasons: [], comment, at: OLD });
  const contact = { kind: "email", value: `${value}@example.com` } as const;
  await storedRequest(store, conversationId, { contact, note });
  expect(leftovers()).toEqual(WORDS);
  await store.deleteConversation(conversationId);
  expect(leftovers()).toEqual([]);
  expectSoundFile();
});

describe("expireConversations", () => {
  test("leaves no word in any file of the database", async () => {
    for (let i = 0; i < 40; i += 1) {
      const [question, answer] = [`${WORDS.join(" ")} ${i}`, `${WORDS.join(" ")} `.repeat(300)];
      await storeExchange(store, { sessionId: `old-${i % 9}`, question, answer, at: OLD });
      await storeExchange(store, { sessionId: `new-${i % 9}`, question: `ordinary ${i}` });
    }
    // Half of the messages are indexed, and half are not yet.
    await store.listConversations({ limit: 1, search: "zebrafish" });
    for (let i = 0; i < 40; i += 1) {
      await storeExchange(store, { sessionId: `old-${i % 9}`, answer: WORDS.join(" "), at: OLD });
    }
    expect(leftovers()).toEqual(WORDS);
    expect(await expireAll(store)).toBe(9);
    expect(leftovers()).toEqual([]);
    for (const search of WORDS) {
      expect((await store.listConversations({ limit: 10, search })).total).toBe(0);
    }
    expect((await store.listConversations({ limit: 10, search: "ordinary" })).total).toBe(9);
    expectSoundFile();
  });

  test("deletes answers of every status, and a repeated question", async () => {
    for (const status of ["failed", "interrupted", "stopped", "complete"] as const) {
      await storeExchange(store, { sessionId: "old", status, at: OLD });
    }
    expect(await expireAll(store)).toBe(1);
    expect(await store.exportMessages(0, 10)).toEqual([]);
    expectSoundFile();
  });

  test("deletes many conversations in many steps", async () => {
    for (let i = 0; i < 300; i += 1) {
      await storeExchange(store, { sessionId: `old-${i}`, at: OLD });
    }
    const steps = await expire(store);
    expect(steps.reduce((total, number) => total + number, 0)).toBe(300);
    expect(steps.length).toBeGreaterThan(300 / 8);
    expect(Math.max(...steps)).toBeLessThanOrEqual(8);
    expectSoundFile();
  });

  test("deletes a long conversation in many steps, and other turns do not disturb it", async () => {
    for (let i = 0; i < 200; i += 1) await storeExchange(store, { sessionId: "old", at: OLD });
    let steps = 0;
    for (let isDone = false; !isDone; steps += 1) {
      const other = storeExchange(store, { sessionId: `new-${steps}` });
      ({ isDone } = await store.expireConversations(NOON));
      await other;
    }
    expect(steps).toBeGreaterThan(5);
    expect(await store.findConversationBySession("old")).toBeUndefined();
    expect((await store.listConversations({ limit: 10 })).total).toBe(steps);
    expectSoundFile();
  });

  test("lets a visitor who comes back in the middle begin a new conversation, which is kept", async () => {
    for (let i = 0; i < 100; i += 1) await storeExchange(store, { sessionId: "old", at: OLD });
    expect(await store.expireConversations(NOON)).toEqual({ conversations: 0, isDone: false });
    const turn = newTurn({ sessionId: "old", question: "Hello?" });
    expect((await begin(store, turn)).history).toEqual([{ role: "user", content: "Hello?" }]);
    await store.finishTurn(turn.turnId, outcome());
    expect(await expireAll(store)).toBe(1);
    const conversation = await store.findConversationBySession("old");
    expect(await store.listMessages(conversation?.id ?? "")).toHaveLength(2);
    expectSoundFile();
  });

  test("goes on after the next start when a crash interrupted it", async () => {
    for (let i = 0; i < 100; i += 1) await storeExchange(store, { sessionId: "old", at: OLD });
    await store.expireConversations(NOON);
    const crashed = store;
    store = openSqliteStore(file);
    expect(await expireAll(store)).toBe(1);
    expect(await sessionsIn(store)).toEqual([]);
    expectSoundFile();
    await crashed.close();
  });
});

describe("the space of deleted conversations", () => {
  async function fill(sessionCount: number, at: number): Promise<void> {
    for (let i = 0; i < sessionCount; i += 1) {
      await storeExchange(store, { sessionId: `${at}-${i}`, answer: "word ".repeat(2000), at });
    }
  }

  test("goes back to the file system", async () => {
    // Each table and each index has a page.
    const empty = statSync(file).size;
    await fill(5, NOON);
    await fill(200, OLD);
    await fill(5, NOON + 1);
    await store.listConversations({ limit: 1, search: "word" });
    await expire(store, OLD);
    const full = statSync(file).size;
    await expire(store);
    expect(statSync(file).size - empty).toBeLessThan((full - empty) / 4);
    expectSoundFile();
  });

  test("is used again in a database of a schema that cannot give it back", async () => {
    await store.close();
    const old = new Database(file);
    old.run("PRAGMA journal_mode = DELETE");
    old.run("PRAGMA auto_vacuum = NONE");
    old.run("VACUUM");
    expect(old.query("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: 0 });
    old.close();
    store = openSqliteStore(file);
    await fill(100, OLD);
    await expire(store);
    const full = statSync(file).size;
    await fill(100, NOON);
    await expire(store);
    expect(statSync(file).size).toBeLessThan(full * 1.05);
    expectSoundFile();
  });
});
