import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { SearchRebuild } from "../../../src/store/search-rebuild.ts";
import { inspectSqlite } from "../../../src/store/sqlite/inspect.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { openDashboard } from "../../support/dashboard-requests.ts";
import { NOON, storeExchange } from "../../support/stored-turns.ts";
import { createTestApp } from "../../support/test-app.ts";

/** A database whose index was built by a version that did not compose letters. */

/** The last schema with the old index. */
const OLD_SCHEMA = 3;
const OLD_MESSAGES = 450;

let file: string;
let store: Store;

beforeEach(() => {
  file = join(temporaryFolder(), "chat.db");
  const db = new Database(file, { create: true, strict: true });
  for (const pragma of ["journal_mode = WAL", "secure_delete = ON"]) db.run(`PRAGMA ${pragma}`);
  migrate(db, MIGRATIONS.slice(0, OLD_SCHEMA));
  const conversation =
    db.query(`INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES (?, ?, ?, ?, ?, '', 1)`);
  const message = db.query(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at)
     VALUES (?, ?, ?, 'user', ?, 'complete', ?)`,
  );
  const index = db.query("INSERT INTO messages_fts (rowid, content) VALUES (?, ?)");
  for (let id = 1; id <= OLD_MESSAGES; id++) {
    const content = `mein Name ist Bj\u006f\u0308rn-${id}, 한국어`.normalize("NFD");
    conversation.run(id, `c_${id}`, `old-${id}`, NOON + id, NOON + id);
    message.run(id, id, `t_${id}`, content, NOON + id);
    index.run(id, content);
  }
  db.close();
  store = openSqliteStore(file);
});

afterEach(async () => {
  await store.close();
  await cleanUp();
});

const search = (words: string) => store.listConversations({ limit: 9, search: words });

async function rebuild(): Promise<number> {
  for (let steps = 1; ; steps++) if ((await store.rebuildSearchIndex()).isDone) return steps;
}

function expectSoundIndex(): void {
  const db = new Database(file);
  db.run("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)");
  const row = db.query<{ n: number }, []>("SELECT count(*) AS n FROM messages_fts_docsize").get();
  const all = db.query<{ n: number }, []>("SELECT count(*) AS n FROM messages").get();
  db.close();
  expect(row).toEqual(all);
}

test("a word that was stored decomposed is found composed after the index was rebuilt", async () => {
  await rebuild();
  for (const words of ["한국어", "한국어".normalize("NFD"), "björn", "BJÖRN"]) {
    expect(await search(words)).toMatchObject({
      total: OLD_MESSAGES,
      searched: { messages: OLD_MESSAGES, isComplete: true },
    });
  }
  expectSoundIndex();
});

test("the doctor shows how much of the index is built", async () => {
  await store.rebuildSearchIndex();
  const share = inspectSqlite(file);
  expect(share).toMatchObject({ kind: "found", damages: [] });
  if (share.kind === "found") expect(share.builtShare).toBeLessThan(1);
  await rebuild();
  expect(inspectSqlite(file)).toMatchObject({ builtShare: 1 });
});

test("a search during the rebuild says how many of the newest messages it has searched", async () => {
  const first = await search("한국어");
  expect(first.searched).toMatchObject({ isComplete: false, isBuilding: true });
  expect(first.searched?.messages).toBe(first.total);
  expect(first.total).toBeGreaterThan(0);
  expect(first.total).toBeLessThan(OLD_MESSAGES);
  expect(first.conversations[0]?.id).toBe(`c_${OLD_MESSAGES}`);
  await storeExchange(store, { sessionId: "new", question: "Was heißt 한국어?" });
  expect((await search("heißt")).total).toBe(1);
  await rebuild();
  expect((await search("한국어")).total).toBe(OLD_MESSAGES + 1);
  expectSoundIndex();
});

test("the next process continues the rebuild where one was stopped", async () => {
  await store.rebuildSearchIndex();
  await store.close();
  store = openSqliteStore(file);
  const { builtShare } = await store.rebuildSearchIndex();
  expect(builtShare).toBeGreaterThan(0.3);
  await rebuild();
  expect((await search("björn")).total).toBe(OLD_MESSAGES);
  expectSoundIndex();
});

test("a conversation that is erased during the rebuild leaves nothing in the index", async () => {
  await store.rebuildSearchIndex();
  for (const id of [1, 2, OLD_MESSAGES - 1, OLD_MESSAGES])
    await store.deleteConversation(`c_${id}`);
  // These messages get the numbers of the newest ones, which were erased.
  await storeExchange(store, { sessionId: "new", question: "Où ?", answer: "Là." });
  await rebuild();
  expect((await search("björn")).total).toBe(OLD_MESSAGES - 4);
  expect((await search("là")).total).toBe(1);
  expectSoundIndex();
});

test("erased words are gone from the file, even those that only the old index contained", async () => {
  const isInFile = (text: string) =>
    [file, `${file}-wal`].some((name) => existsSync(name) && readFileSync(name).includes(text));
  // The form in which both indexes store the words of the last messages.
  await store.rebuildSearchIndex();
  expect(isInFile(`rn-${OLD_MESSAGES}`)).toBe(true);
  for (let id = 1; id <= OLD_MESSAGES; id++) await store.deleteConversation(`c_${id}`);
  for (const word of ["mein", "bjo", "Bjo", "rn-1", `rn-${OLD_MESSAGES}`]) {
    expect([word, isInFile(word)]).toEqual([word, false]);
  }
  expectSoundIndex();
});

test("the dashboard says that the index is being rebuilt until it is complete", async () => {
  await store.rebuildSearchIndex();
  const app = createTestApp({ store });
  const owner = await openDashboard(app);
  const says = async () =>
    (await owner.get("/dashboard")).body.includes("The search index is being");
  expect(await says()).toBe(true);
  await rebuild();
  expect(await says()).toBe(false);
  await app.chat.drain(0);
});

test("the rebuild takes small steps, logs its beginning and end, and waits for a busy event loop", async () => {
  const lines: string[] = [];
  const done = Promise.withResolvers<void>();
  let looks = 0;
  const say = (message: string) => {
    lines.push(message);
    if (message === "search index built") done.resolve();
  };
  const log = { debug: say, info: say, warn: say, error: say };
  const loop = {
    get isBehind() {
      looks += 1;
      return false;
    },
  };
  const rebuilding = new SearchRebuild({ store, loop, log });
  await done.promise;
  await rebuilding.stop();
  expect(lines).toEqual([
    "the search index is being rebuilt: older messages are not found yet",
    "search index built",
  ]);
  expect(looks).toBeGreaterThanOrEqual(OLD_MESSAGES / 100);
  expect((await search("björn")).total).toBe(OLD_MESSAGES);
});

test("a database with a complete index logs nothing about a rebuild", async () => {
  await rebuild();
  const step = Promise.withResolvers<void>();
  const watched = {
    async rebuildSearchIndex() {
      const progress = await store.rebuildSearchIndex();
      setImmediate(step.resolve);
      return progress;
    },
  };
  const lines: string[] = [];
  const say = (message: string) => void lines.push(message);
  const log = { debug: say, info: say, warn: say, error: say };
  const rebuilding = new SearchRebuild({ store: watched, loop: { isBehind: false }, log });
  await step.promise;
  await rebuilding.stop();
  expect(lines).toEqual([]);
});
