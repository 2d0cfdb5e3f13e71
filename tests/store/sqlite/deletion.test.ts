import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { startStopwatch } from "../../../harness/stopwatch.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, outcome, storeExchange } from "../../support/stored-turns.ts";

/** Words of the conversation that is erased, which occur nowhere else. */
const WORDS = ["zebrafish", "quokkas", "xylophone"];
const SESSION = "session-of-the-erased";

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

function bytesOfFiles(): Buffer {
  const files = [file, `${file}-wal`, `${file}-journal`].filter((path) => existsSync(path));
  return Buffer.concat(files.map((path) => readFileSync(path)));
}

/**
 * The secret words that are still in the files. The search index stores a term without its common beginning
 * with the term before it, so this searches for the ends of the words.
 */
function leftovers(conversationId: string): string[] {
  const bytes = bytesOfFiles();
  const parts = [...WORDS.map((word) => word.slice(2)), SESSION, conversationId];
  return parts.filter((part) => bytes.includes(part));
}

async function converse(sessionId: string, words: string, turns = 3): Promise<string> {
  let conversationId = "";
  for (let i = 0; i < turns; i += 1) {
    const turn = newTurn({ sessionId, question: `${words} question ${i}` });
    ({ conversationId } = await begin(store, turn));
    // The answer is longer than a page of the file, which is 4 kB, and grows over several pages.
    for (const length of [10, 700, 1400, 300]) {
      await store.saveDrafts([{ turnId: turn.turnId, content: `${words} `.repeat(length) }]);
    }
    const sources = [{ number: 1, title: words, heading: words, url: undefined, isCited: true }];
    await store.finishTurn(
      turn.turnId,
      outcome({ content: `${words} `.repeat(800) + i, grounding: "none", sources }),
    );
  }
  return conversationId;
}

describe("deleteConversation", () => {
  test("leaves no word of the conversation in any file of the database", async () => {
    await converse("before", "ordinary");
    const conversationId = await converse(SESSION, WORDS.join(" "));
    await converse("after", "ordinary");
    // The conversation lies between others in the file.
    await converse(SESSION, WORDS.join(" "));
    await converse("before", "ordinary");
    expect(leftovers(conversationId)).toHaveLength(WORDS.length + 2);

    expect(await store.deleteConversation(conversationId)).toBe(true);
    expect(leftovers(conversationId)).toEqual([]);
  });

  test("leaves no word after a reopen with a WAL full of the conversation", async () => {
    const conversationId = await converse(SESSION, WORDS.join(" "), 10);
    await store.close();
    store = openSqliteStore(file);
    await converse("after", "ordinary");
    await store.deleteConversation(conversationId);
    expect(leftovers(conversationId)).toEqual([]);
  });

  test("leaves no word of an answer that was under way", async () => {
    const turn = newTurn({ sessionId: SESSION, question: WORDS.join(" ") });
    const { conversationId } = await begin(store, turn);
    for (const length of [10, 900, 50]) {
      const content = `${WORDS.join(" ")} `.repeat(length);
      await store.saveDrafts([{ turnId: turn.turnId, content }]);
    }
    await store.deleteConversation(conversationId);
    expect(leftovers(conversationId)).toEqual([]);
  });

  test("leaves no word among thousands of others' in the search index", async () => {
    const pad = (i: number): string => `ordinary${i % 97} talk${i} zebra${i} quokk${i}`;
    for (let i = 0; i < 300; i += 1) {
      await storeExchange(store, { sessionId: `v${i % 50}`, question: pad(i), answer: pad(i + 1) });
      if (i % 30 === 0) {
        const question = WORDS.join(" ");
        await storeExchange(store, { sessionId: SESSION, question, answer: WORDS.join(`-${i} `) });
      }
    }
    const conversation = await store.findConversationBySession(SESSION);
    const conversationId = conversation?.id ?? "";
    expect(leftovers(conversationId).length).toBeGreaterThan(3);
    await store.deleteConversation(conversationId);
    expect(leftovers(conversationId)).toEqual([]);
  });

  test("keeps other conversations, their search and the file intact", async () => {
    const keptId = await converse("kept", "ordinary");
    const before = await store.listMessages(keptId);
    await store.deleteConversation(await converse(SESSION, WORDS.join(" ")));
    expect(await store.listMessages(keptId)).toEqual(before);
    expect((await store.listConversations({ limit: 10, search: "ordinary" })).total).toBe(1);

    const db = new Database(file);
    expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    // This throws when the index and the messages differ.
    db.run("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)");
    db.close();
  });

  test("lets others write while it deletes a long conversation, and finishes after a crash at the next call", async () => {
    let conversationId = "";
    for (let i = 0; i < 60; i++) {
      const question = `${WORDS.join(" ")} ${i}`;
      ({ conversationId } = await storeExchange(store, { sessionId: SESSION, question }));
    }
    let isErased = false;
    const erasing = store.deleteConversation(conversationId).then(() => {
      isErased = true;
    });
    await storeExchange(store, { sessionId: "other", question: "Am I waiting?" });
    expect(isErased).toBe(false);
    const left = (await store.listMessages(conversationId)).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(120);
    await store.close();
    await erasing.catch(() => undefined);

    store = openSqliteStore(file);
    await store.deleteConversation(conversationId);
    expect(leftovers(conversationId)).toEqual([]);
    expect(await store.findConversation(conversationId)).toBeUndefined();
  });
});

describe("deleteConversation while somebody reads the file, as a backup does", () => {
  let reader: Database;

  function startReading(): void {
    reader = new Database(file, { readonly: true });
    reader.run("BEGIN");
    reader.query("SELECT count(*) FROM messages").get();
  }

  afterEach(() => reader.close());

  test("does not delay the server's other work", async () => {
    const conversationId = await converse(SESSION, WORDS.join(" "));
    startReading();
    const stopwatch = startStopwatch();
    await store.deleteConversation(conversationId);
    expect(stopwatch()).toBeLessThan(500);
    expect(await store.findConversation(conversationId)).toBeUndefined();
  });

  test("wipes the words once the reader has finished", async () => {
    const conversationId = await converse(SESSION, WORDS.join(" "));
    startReading();
    await store.deleteConversation(conversationId);
    reader.run("COMMIT");
    // The store tries again on its own.
    for (let i = 0; i < 400 && leftovers(conversationId).length > 0; i += 1) await Bun.sleep(10);
    expect(leftovers(conversationId)).toEqual([]);
  });

  test("wipes the words in the next process when this one was killed before", async () => {
    const conversationId = await converse(SESSION, WORDS.join(" "));
    startReading();
    await store.deleteConversation(conversationId);
    // A killed process leaves its WAL; the last one to close normally would remove it.
    const left = join(temporaryFolder(), "left.db");
    for (const suffix of ["", "-wal"]) copyFileSync(`${file}${suffix}`, `${left}${suffix}`);
    file = left;
    expect(leftovers(conversationId)).not.toEqual([]);
    const next = openSqliteStore(left);
    expect(leftovers(conversationId)).toEqual([]);
    await next.close();
  });

  test("wipes the words when the store is closed, if not before", async () => {
    const conversationId = await converse(SESSION, WORDS.join(" "));
    startReading();
    await store.deleteConversation(conversationId);
    reader.run("COMMIT");
    await store.close();
    expect(leftovers(conversationId)).toEqual([]);
    store = openSqliteStore(file);
  });
});
