import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import type { ListMark } from "../../../src/store/list-marks.ts";
import { searchText } from "../../../src/store/search-words.ts";
import { migrate, schemaVersion } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON } from "../../support/stored-turns.ts";

/** Databases of every released schema, opened by today's code. */

const STATUSES = ["complete", "stopped", "interrupted", "failed", "streaming"] as const;
const SCHEMAS = MIGRATIONS.map((_, index) => index + 1);

interface OldMessage {
  readonly id: number;
  readonly conversation: number;
  readonly role: "user" | "assistant";
  readonly content: string;
  readonly status: (typeof STATUSES)[number];
}

/** A conversation for each status, with two exchanges: a complete one, and one that ended with the status. */
const MESSAGES: readonly OldMessage[] = STATUSES.flatMap((status, index) => {
  const conversation = index + 1;
  const stored = [
    { role: "user", content: `first question ${status}`, status: "complete" },
    { role: "assistant", content: `first answer ${status} 東京`, status: "complete" },
    { role: "user", content: `second question ${status}`, status: "complete" },
    { role: "assistant", content: `second answer ${status}`, status },
  ] as const;
  return stored.map((message, i) => ({ ...message, conversation, id: index * 4 + i + 1 }));
});

/** Writes the data as the code of that time did. */
function makeDatabase(file: string, version: number): void {
  const db = new Database(file, { create: true, strict: true });
  db.run("PRAGMA journal_mode = WAL");
  migrate(db, MIGRATIONS.slice(0, version));
  const insertConversation = db.query(
    `INSERT INTO conversations
       (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES ($seq, $id, $session, $at, $at, $preview, 4)`,
  );
  for (const [index, status] of STATUSES.entries()) {
    insertConversation.run({
      seq: index + 1,
      id: `c_${status}`,
      session: `session-${status}`,
      at: NOON + index,
      preview: `second answer ${status}`,
    });
  }
  for (const message of MESSAGES) insertMessage(db, version, message);
  // An answer ends by an update.
  db.run("UPDATE messages SET status = status");
  db.run("INSERT INTO secrets VALUES ('session_token', 'kept')");
  db.close();
}

function insertMessage(db: Database, version: number, message: OldMessage): void {
  const isAnswer = message.role === "assistant";
  db.query(
    `INSERT INTO messages (id, conversation_seq, turn_id, question_id, role, content, status, model,
       prompt_tokens, completion_tokens, total_tokens, first_token_ms, idempotency_key, created_at)
     VALUES ($id, $conversation, $turn, $question, $role, $content, $status, $model,
       $tokens, $tokens, $total, $first, $key, $at)`,
  ).run({
    id: message.id,
    conversation: message.conversation,
    turn: `t_${Math.ceil(message.id / 2)}`,
    question: isAnswer ? message.id - 1 : null,
    role: message.role,
    content: message.content,
    status: message.status,
    model: isAnswer ? "old-model" : null,
    tokens: isAnswer ? 3 : null,
    total: isAnswer ? 6 : null,
    first: isAnswer ? 120 : null,
    key: isAnswer ? `key-${message.id}` : null,
    at: NOON + message.conversation - 1,
  });
  // Before schema 3 an ended message was indexed at once; since then it may wait to be indexed.
  const isWaiting = message.status === "streaming" || (version >= 3 && message.id % 3 === 0);
  if (isWaiting && version >= 3) db.query("INSERT INTO unindexed VALUES (?)").run(message.id);
  if (isWaiting) return;
  db.query("INSERT INTO messages_fts (rowid, content) VALUES (?, ?)").run(
    message.id,
    searchText(message.content),
  );
}

test("these tests try every earlier schema", () => {
  expect(SCHEMAS.length).toBeGreaterThanOrEqual(3);
});

describe.each(SCHEMAS)("a database of schema %d", (version) => {
  let file: string;
  let store: Store;

  beforeEach(async () => {
    file = join(temporaryFolder(), "chat.db");
    makeDatabase(file, version);
    store = openSqliteStore(file);
    expect(await store.interruptUnfinishedTurns()).toBe(1);
  });

  afterEach(async () => {
    await store.close();
    await cleanUp();
  });

  async function found(search: string): Promise<string[]> {
    const { conversations } = await store.listConversations({ limit: 10, search });
    return conversations.map(({ id }) => id);
  }

  function expectSoundFile(): void {
    const db = new Database(file);
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(db.query("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    expect(db.query("PRAGMA foreign_key_check").all()).toEqual([]);
    db.run("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)");
    db.close();
  }

  test("has the schema of a new one", () => {
    const schemaOf = (path: string) => {
      const db = new Database(path);
      const query = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";
      const rows = db.query<Record<string, unknown>, []>(query).all();
      db.close();
      return rows;
    };
    const fresh = join(temporaryFolder(), "new.db");
    const db = new Database(fresh, { create: true, strict: true });
    migrate(db);
    db.close();
    expect(schemaOf(file)).toEqual(schemaOf(fresh));
    expectSoundFile();
  });

  test("lists its conversations, newest first", async () => {
    const { conversations, total } = await store.listConversations({ limit: 10 });
    expect(total).toBe(STATUSES.length);
    expect(conversations.map(({ id }) => id)).toEqual(
      STATUSES.toReversed().map((status) => `c_${status}`),
    );
    expect(conversations[4]).toEqual({
      id: "c_complete",
      sessionId: "session-complete",
      createdAt: NOON,
      updatedAt: NOON,
      lastMessage: "second answer complete",
      messageCount: 4,
      firstQuestion: "first question complete",
      lastAnswer: "second answer complete",
      lastStatus: "complete",
      isUnanswered: false,
      isRatedDown: false,
      isWanted: false,
    });
  });

  test("filters its conversations by their marks once these are filled in", async () => {
    while (!(await store.fillMarks())) await Bun.sleep(0);
    const marked = async (mark: ListMark) => {
      const { conversations, total } = await store.listConversations({ limit: 10, mark });
      expect(total).toBe(conversations.length);
      return conversations.map(({ id }) => id);
    };
    // What was under way is a crash's, as after every start.
    await store.interruptUnfinishedTurns();
    expect(await marked("failed")).toEqual(["c_streaming", "c_failed", "c_interrupted"]);
    expect(await marked("stopped")).toEqual(["c_stopped"]);
    expect(await marked("unanswered")).toEqual([]);
  });

  test("finds its words, even those of answers that were under way", async () => {
    expect((await found("first question")).length).toBe(STATUSES.length);
    expect((await found("東京")).length).toBe(STATUSES.length);
    for (const status of STATUSES) {
      expect(await found(`"second answer" ${status}`)).toEqual([`c_${status}`]);
    }
    expect(await found("nowhere")).toEqual([]);
  });

  test("returns its threads and turns", async () => {
    for (const [index, status] of STATUSES.entries()) {
      const thread = await store.listMessages(`c_${status}`);
      const written = MESSAGES.filter(({ conversation }) => conversation === index + 1);
      const expected = status === "streaming" ? "interrupted" : status;
      expect(thread.map(({ id, role, content }) => ({ id, role, content }))).toEqual(
        written.map(({ id, role, content }) => ({ id, role, content })),
      );
      expect(thread[3]).toMatchObject({ status: expected, model: "old-model" });
      expect(thread[1]).toMatchObject({
        usage: { promptTokens: 3, completionTokens: 3, totalTokens: 6 },
        firstTokenMs: 120,
      });
      const turn = await store.findTurnByIdempotencyKey(
        `session-${status}`,
        `key-${thread[3]?.id}`,
      );
      expect(turn).toMatchObject({ question: `second question ${status}` });
    }
    expect(await store.exportMessages(0, 100)).toHaveLength(MESSAGES.length);
  });

  test("continues its conversations", async () => {
    const { history } = await begin(
      store,
      newTurn({ sessionId: "session-complete", question: "And now?" }),
    );
    expect(history.map(({ content }) => content)).toEqual([
      "first question complete",
      "first answer complete 東京",
      "second question complete",
      "second answer complete",
      "And now?",
    ]);
    const { history: withoutFailed } = await begin(
      store,
      newTurn({ sessionId: "session-failed", question: "And now?" }),
    );
    expect(withoutFailed).toHaveLength(3);
  });

  test("keeps its secrets and figures", async () => {
    expect(await store.secret("session_token", () => "made anew")).toBe("kept");
    const [day] = await store.dailyFigures(NOON, NOON);
    // Schema 1 counted nothing; later schemas counted at once.
    if (version > 1) return;
    expect(day).toMatchObject({ conversations: 5, messages: 20, medianFirstTokenMs: 120 });
  });

  test("erases conversation after conversation", async () => {
    for (const status of STATUSES) {
      expect(await store.deleteConversation(`c_${status}`)).toBe(true);
      expect(await found(`"second answer" ${status}`)).toEqual([]);
      expectSoundFile();
    }
    expect((await store.listConversations({ limit: 10 })).total).toBe(0);
    expect(await store.exportMessages(0, 100)).toEqual([]);
  });

  test("expires its old conversations", async () => {
    let conversations = 0;
    for (let isDone = false; !isDone;) {
      const step = await store.expireConversations(NOON + 3);
      conversations += step.conversations;
      ({ isDone } = step);
    }
    expect(conversations).toBe(3);
    expect(await found("first question")).toEqual(["c_streaming", "c_failed"]);
    expectSoundFile();
  });
});
