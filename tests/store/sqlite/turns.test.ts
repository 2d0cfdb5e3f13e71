import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import type { FinalStatus, Message } from "../../../src/conversation/records.ts";
import { ConversationFullError } from "../../../src/store/conversation-limit.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";

let store: Store;

beforeEach(() => {
  store = openSqliteStore(":memory:");
});

afterEach(() => store.close());

async function messagesOf(sessionId = "visitor"): Promise<readonly Message[]> {
  const conversation = await store.findConversationBySession(sessionId);
  return conversation ? store.listMessages(conversation.id) : [];
}

/** What the model would be told when the visitor asks "Next?". */
async function historyOf(messages = 30, tokens = 8000): Promise<string[]> {
  const bounds = { messages, tokens };
  const turn = newTurn({ question: "Next?", history: bounds });
  const { history } = await begin(store, turn);
  await store.finishTurn(turn.turnId, outcome({ content: "", status: "failed" }));
  expect(history[0]?.role).toBe("user");
  expect(history.at(-1)).toEqual({ role: "user", content: "Next?" });
  return history.map(({ content }) => content);
}

describe("beginTurn", () => {
  test("stores the question and an empty answer that is streaming", async () => {
    const turn = newTurn({ question: "Hi?", model: "lighthouse-1", idempotencyKey: "k" });
    const { conversationId } = await begin(store, turn);
    expect(await store.listMessages(conversationId)).toEqual([
      {
        id: expect.any(Number),
        turnId: turn.turnId,
        role: "user",
        content: "Hi?",
        status: "complete",
        createdAt: NOON,
      },
      {
        id: expect.any(Number),
        turnId: turn.turnId,
        role: "assistant",
        content: "",
        status: "streaming",
        createdAt: NOON,
        model: "lighthouse-1",
      },
    ]);
    expect(await store.findConversation(conversationId)).toEqual({
      id: conversationId,
      sessionId: "visitor",
      createdAt: NOON,
      updatedAt: NOON,
      lastMessage: "Hi?",
      messageCount: 2,
    });
  });

  test("continues the session's one conversation", async () => {
    const first = await storeExchange(store, { at: NOON });
    const second = await begin(store, newTurn({ question: "And now?", at: NOON + 5 }));
    expect(second.conversationId).toBe(first.conversationId);
    expect(await store.findConversationBySession("visitor")).toMatchObject({
      createdAt: NOON,
      updatedAt: NOON + 5,
      lastMessage: "And now?",
      messageCount: 4,
    });
    const other = await begin(store, newTurn({ sessionId: "somebody-else" }));
    expect(other.conversationId).not.toBe(first.conversationId);
    expect((await store.listConversations({ limit: 10 })).total).toBe(2);
  });

  test("takes session ids that differ in case for two", async () => {
    await storeExchange(store, { sessionId: "a" });
    await storeExchange(store, { sessionId: "A" });
    expect((await store.listConversations({ limit: 10 })).total).toBe(2);
  });

  test("leaves nothing of a first turn whose id is taken", async () => {
    const turn = newTurn();
    await store.beginTurn(turn);
    await expect(store.beginTurn({ ...turn, sessionId: "somebody-else" })).rejects.toThrow();
    expect(await store.findConversationBySession("somebody-else")).toBeUndefined();
    expect((await store.listConversations({ limit: 10 })).total).toBe(1);
  });

  test.each(["under way", "ended"])(
    "finds the turn, %s, that the same idempotency key began in the session, and stores nothing",
    async (state) => {
      const once = newTurn({ idempotencyKey: "once", at: NOON });
      await store.beginTurn(once);
      if (state === "ended") await store.finishTurn(once.turnId, outcome());
      const before = await store.findConversationBySession("visitor");
      const twice = newTurn({ idempotencyKey: "once", at: NOON + 5, question: "Again?" });
      const earlier = await store.findTurn(once.turnId);
      expect(earlier).toBeDefined();
      expect<unknown>(await store.beginTurn(twice)).toEqual({ kind: "earlier", turn: earlier });
      expect(await messagesOf()).toHaveLength(2);
      expect(await store.findConversationBySession("visitor")).toEqual(before);
      expect((await store.listConversations({ limit: 10, search: "again" })).total).toBe(0);
      expect(await store.findTurn(twice.turnId)).toBeUndefined();
    },
  );

  test("stores nothing while an answer of the session is under way, and begins once it has ended", async () => {
    const first = newTurn();
    await store.beginTurn(first);
    const second = newTurn({ question: "And?" });
    expect(await store.beginTurn(second)).toEqual({ kind: "busy" });
    expect(await messagesOf()).toHaveLength(2);
    expect(await store.findTurn(second.turnId)).toBeUndefined();
    await store.finishTurn(first.turnId, outcome());
    expect(await store.beginTurn(second)).toMatchObject({ kind: "begun" });
  });

  test("of two at the same time lets one begin", async () => {
    const beginnings = await Promise.all([
      store.beginTurn(newTurn({ question: "One?" })),
      store.beginTurn(newTurn({ question: "Two?" })),
    ]);
    expect(beginnings.map(({ kind }) => kind).toSorted()).toEqual(["begun", "busy"]);
    const key = { idempotencyKey: "once", sessionId: "other" };
    const repeated = await Promise.all([
      store.beginTurn(newTurn(key)),
      store.beginTurn(newTurn(key)),
    ]);
    expect(repeated.map(({ kind }) => kind).toSorted()).toEqual(["begun", "earlier"]);
  });

  test("takes the same idempotency key in another session", async () => {
    await store.beginTurn(newTurn({ idempotencyKey: "once" }));
    await store.beginTurn(newTurn({ idempotencyKey: "once", sessionId: "somebody-else" }));
    expect((await store.listConversations({ limit: 10 })).total).toBe(2);
  });

  test("takes any number of turns without a key", async () => {
    for (let i = 0; i < 3; i += 1) await storeExchange(store);
    expect(await messagesOf()).toHaveLength(6);
  });

  test("shows the beginning of a long question, with whole characters", async () => {
    await store.beginTurn(newTurn({ question: "👋".repeat(300) }));
    const conversation = await store.findConversationBySession("visitor");
    expect(conversation?.lastMessage).toStartWith("👋👋");
    expect(conversation?.lastMessage.length).toBeLessThan(600);
    expect(conversation?.lastMessage.isWellFormed()).toBe(true);
  });
});

describe("the history that the model is told", () => {
  test("is the question alone in a new conversation", async () => {
    expect(await historyOf()).toEqual(["Next?"]);
  });

  test("is oldest first and ends with the question", async () => {
    await storeExchange(store, { question: "One?", answer: "1" });
    await storeExchange(store, { question: "Two?", answer: "2" });
    const { history } = await begin(store, newTurn({ question: "Three?" }));
    expect(history).toEqual([
      { role: "user", content: "One?" },
      { role: "assistant", content: "1" },
      { role: "user", content: "Two?" },
      { role: "assistant", content: "2" },
      { role: "user", content: "Three?" },
    ]);
  });

  test("is of this session only", async () => {
    await storeExchange(store, { sessionId: "somebody-else", question: "Secret?" });
    expect(await historyOf()).toEqual(["Next?"]);
  });

  test.each([
    [1, ["Next?"]],
    [2, ["Next?"]],
    [3, ["Q3", "A3", "Next?"]],
    [4, ["Q3", "A3", "Next?"]],
    [5, ["Q2", "A2", "Q3", "A3", "Next?"]],
    [30, ["Q1", "A1", "Q2", "A2", "Q3", "A3", "Next?"]],
  ])("holds at most %i messages, and begins with a question", async (limit, expected) => {
    for (const n of [1, 2, 3]) await storeExchange(store, { question: `Q${n}`, answer: `A${n}` });
    expect(await historyOf(limit)).toEqual(expected);
  });

  test("is the newest of a long conversation", async () => {
    for (let n = 1; n <= 40; n += 1) {
      await storeExchange(store, { question: `Q${n}`, answer: `A${n}` });
    }
    const history = await historyOf(30);
    expect(history.length).toBeGreaterThanOrEqual(29);
    expect(history.length).toBeLessThanOrEqual(30);
    expect(history.slice(-3)).toEqual(["Q40", "A40", "Next?"]);
  });

  test("holds at most so many estimated tokens, without a gap, whatever the number of messages", async () => {
    await storeExchange(store, { question: "Short?", answer: "Yes" });
    await storeExchange(store, { question: "Long?", answer: "x".repeat(3000) });
    await storeExchange(store, { question: "Newest?", answer: "Yes" });
    expect(await historyOf(30, 900)).toEqual(["Newest?", "Yes", "Next?"]);
    expect(await historyOf(30, 1100)).toHaveLength(7);
  });

  test("is the question alone where that is longer than all that is allowed", async () => {
    await storeExchange(store, { question: "Q", answer: "A" });
    expect(await historyOf(30, 1)).toEqual(["Next?"]);
  });

  test("finds what was said behind a hundred answers without a word", async () => {
    await storeExchange(store, { question: "Q", answer: "A" });
    for (let n = 0; n < 100; n += 1) {
      await storeExchange(store, { question: `Empty ${n}?`, answer: "", status: "failed" });
    }
    expect(await historyOf()).toEqual(["Q", "A", "Next?"]);
  });

  test("does not look through thousands of answers without a word", async () => {
    await storeExchange(store, { question: "Q", answer: "A" });
    for (let n = 0; n < 2000; n += 1) {
      await storeExchange(store, { question: `Empty ${n}?`, answer: "", status: "failed" });
    }
    expect(await historyOf()).toEqual(["Next?"]);
  });

  test.each([
    ["stopped", "Half an ans"],
    ["interrupted", "Half an ans"],
    ["complete", "Whole."],
  ] as const)("has the answer that is %s, with what was said", async (status, answer) => {
    await storeExchange(store, { question: "Q", answer, status });
    expect(await historyOf()).toEqual(["Q", answer, "Next?"]);
  });

  test.each([
    ["failed", ""],
    ["failed", "Half a word"],
    ["complete", ""],
    ["stopped", ""],
    ["interrupted", ""],
  ] as const)(
    "has neither a %s answer with the text %p nor its question",
    async (status, answer) => {
      await storeExchange(store, { question: "Good?", answer: "Yes" });
      await storeExchange(store, { question: "Bad?", answer, status });
      expect(await historyOf()).toEqual(["Good?", "Yes", "Next?"]);
    },
  );

  test("counts only what is told: failures do not push out what was said before", async () => {
    await storeExchange(store, { question: "Good?", answer: "Yes" });
    for (let i = 0; i < 20; i += 1) await storeExchange(store, { answer: "", status: "failed" });
    expect(await historyOf(3)).toEqual(["Good?", "Yes", "Next?"]);
  });
});

describe("finishTurn", () => {
  test("stores the answer with everything that is known of it", async () => {
    const turn = newTurn();
    await store.beginTurn(turn);
    await store.finishTurn(
      turn.turnId,
      outcome({
        content: "At nine.",
        usage: { promptTokens: 11, completionTokens: 7, totalTokens: 20 },
        at: NOON + 900,
      }),
    );
    const [, answer] = await messagesOf();
    expect(answer).toEqual({
      id: expect.any(Number),
      turnId: turn.turnId,
      role: "assistant",
      content: "At nine.",
      status: "complete",
      createdAt: NOON,
      model: "test-model",
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 20 },
      finishReason: "stop",
      firstTokenMs: 12,
      durationMs: 34,
    });
    expect(await store.findConversationBySession("visitor")).toMatchObject({
      updatedAt: NOON + 900,
      lastMessage: "At nine.",
      messageCount: 2,
    });
  });

  test("of a failed turn keeps the question and says why there is no answer", async () => {
    const turn = newTurn({ question: "Anybody?" });
    await store.beginTurn(turn);
    await store.finishTurn(
      turn.turnId,
      outcome({
        content: "",
        status: "failed",
        finishReason: undefined,
        errorCode: "model_busy",
        firstTokenMs: undefined,
      }),
    );
    const [question, answer] = await messagesOf();
    expect(question).toMatchObject({ content: "Anybody?", status: "complete" });
    expect(answer).toMatchObject({ content: "", status: "failed", errorCode: "model_busy" });
    expect(answer).not.toHaveProperty("finishReason");
    expect(answer).not.toHaveProperty("firstTokenMs");
    expect(answer).not.toHaveProperty("usage");
    // An empty answer is nothing to show in a list.
    expect(await store.findConversationBySession("visitor")).toMatchObject({
      lastMessage: "Anybody?",
    });
  });

  test("ends an answer once: what it ended with stays", async () => {
    const { turnId } = await storeExchange(store, { answer: "First" });
    const second = outcome({ content: "Second", status: "stopped" });
    expect(await store.finishTurn(turnId, second)).toBe(false);
    expect((await messagesOf())[1]).toMatchObject({ content: "First", status: "complete" });
  });

  test("after the conversation was erased does nothing", async () => {
    const turn = newTurn();
    const { conversationId } = await begin(store, turn);
    await store.deleteConversation(conversationId);
    expect(await store.finishTurn(turn.turnId, outcome())).toBe(false);
    await store.saveDrafts([{ turnId: turn.turnId, content: "late" }]);
    expect(await store.findTurn(turn.turnId)).toBeUndefined();
    expect(await store.exportMessages(0, 10)).toEqual([]);
    expect(await store.listConversations({ limit: 10 })).toMatchObject({
      conversations: [],
      total: 0,
    });
  });

  test("of an unknown turn does nothing", async () => {
    expect(await store.finishTurn("t_unknown", outcome())).toBe(false);
    expect(await store.exportMessages(0, 10)).toEqual([]);
  });
});

describe("saveDrafts", () => {
  test("keeps what there is of the answers under way, and they stay under way", async () => {
    const [one, two] = [newTurn({ sessionId: "one" }), newTurn({ sessionId: "two" })];
    await store.beginTurn(one);
    await store.beginTurn(two);
    await store.saveDrafts([
      { turnId: one.turnId, content: "One so far" },
      { turnId: two.turnId, content: "Two so far" },
    ]);
    await store.saveDrafts([{ turnId: one.turnId, content: "One so far, and more" }]);
    expect((await messagesOf("one"))[1]).toMatchObject({
      content: "One so far, and more",
      status: "streaming",
    });
    expect((await messagesOf("two"))[1]).toMatchObject({
      content: "Two so far",
      status: "streaming",
    });
    expect((await messagesOf("one"))[0]?.content).toBe("When do you open?");
  });

  test("leaves answers that have ended alone", async () => {
    const { turnId } = await storeExchange(store, { answer: "The end." });
    await store.saveDrafts([{ turnId, content: "A late draft" }]);
    expect((await messagesOf())[1]?.content).toBe("The end.");
  });

  test("of nothing does nothing", () => store.saveDrafts([]));
});

describe("interruptUnfinishedTurns", () => {
  test("keeps what was saved of the answers that a crash cut off, and counts them", async () => {
    const [withText, withoutText] = [newTurn({ sessionId: "a" }), newTurn({ sessionId: "b" })];
    await store.beginTurn(withText);
    await store.saveDrafts([{ turnId: withText.turnId, content: "Saved in time" }]);
    await store.beginTurn(withoutText);
    await storeExchange(store, { sessionId: "c" });

    expect(await store.interruptUnfinishedTurns()).toBe(2);
    const interrupted = { status: "interrupted", errorCode: "interrupted" };
    expect((await messagesOf("a"))[1]).toMatchObject({ content: "Saved in time", ...interrupted });
    expect((await messagesOf("b"))[1]).toMatchObject({ content: "", ...interrupted });
    expect((await messagesOf("c"))[1]).toMatchObject({ content: "At nine.", status: "complete" });
    expect(await store.interruptUnfinishedTurns()).toBe(0);
  });

  test("makes what was said part of the search and of the history", async () => {
    const turn = newTurn({ question: "Q" });
    await store.beginTurn(turn);
    await store.saveDrafts([{ turnId: turn.turnId, content: "A lighthouse" }]);
    expect((await store.listConversations({ limit: 10, search: "lighthouse" })).total).toBe(0);
    await store.interruptUnfinishedTurns();
    expect((await store.listConversations({ limit: 10, search: "lighthouse" })).total).toBe(1);
    expect(await historyOf()).toEqual(["Q", "A lighthouse", "Next?"]);
  });
});

describe("finding a turn", () => {
  test.each(["complete", "stopped", "interrupted", "failed"] as const satisfies FinalStatus[])(
    "tells a %s turn with its question, its session and its answer",
    async (status) => {
      const exchange = { question: "Q", answer: "A", status };
      const { turnId, conversationId } = await storeExchange(store, exchange);
      expect(await store.findTurn(turnId)).toMatchObject({
        turnId,
        conversationId,
        sessionId: "visitor",
        question: "Q",
        answer: { role: "assistant", content: "A", status },
      });
    },
  );

  test("tells one that is under way", async () => {
    const turn = newTurn();
    await store.beginTurn(turn);
    expect((await store.findTurn(turn.turnId))?.answer.status).toBe("streaming");
  });

  test("by an unknown id finds nothing", async () => {
    await storeExchange(store);
    expect(await store.findTurn("t_unknown")).toBeUndefined();
    expect(await store.findTurn("")).toBeUndefined();
  });

  test("by its idempotency key finds it in its own session only", async () => {
    const turn = newTurn({ idempotencyKey: "once" });
    await store.beginTurn(turn);
    await storeExchange(store, { sessionId: "somebody-else" });
    const find = (session: string, key: string) => store.findTurnByIdempotencyKey(session, key);
    expect((await find("visitor", "once"))?.turnId).toBe(turn.turnId);
    expect(await find("somebody-else", "once")).toBeUndefined();
    expect(await find("nobody", "once")).toBeUndefined();
    expect(await find("visitor", "ONCE")).toBeUndefined();
    expect(await find("visitor", "twice")).toBeUndefined();
  });
});

test("the turn that a session has under way is told while it is, and in its session only", async () => {
  const turn = newTurn();
  await storeExchange(store);
  expect(await store.activeTurnId("visitor")).toBeUndefined();
  await store.beginTurn(turn);
  expect(await store.activeTurnId("visitor")).toBe(turn.turnId);
  expect(await store.activeTurnId("nobody")).toBeUndefined();
  await store.finishTurn(turn.turnId, outcome());
  expect(await store.activeTurnId("visitor")).toBeUndefined();
});

describe("listMessages", () => {
  test("tells the newest, oldest first", async () => {
    const { conversationId } = await storeExchange(store, { question: "Q1", answer: "A1" });
    await storeExchange(store, { question: "Q2", answer: "A2" });
    const contents = async (limit?: number) =>
      (await store.listMessages(conversationId, limit)).map(({ content }) => content);
    expect(await contents()).toEqual(["Q1", "A1", "Q2", "A2"]);
    expect(await contents(3)).toEqual(["A1", "Q2", "A2"]);
    expect(await contents(1)).toEqual(["A2"]);
  });

  test("of an unknown conversation tells nothing", async () => {
    expect(await store.listMessages("c_unknown")).toEqual([]);
    expect(await store.findConversation("c_unknown")).toBeUndefined();
    expect(await store.findConversationBySession("unknown")).toBeUndefined();
  });
});

test("a conversation of 10,000 messages takes no more, and the session begins anew once it is erased", async () => {
  const { conversationId } = await storeExchange(store);
  for (let n = 1; n < 5000; n += 1) await storeExchange(store, { answer: "" });
  expect((await store.findConversation(conversationId))?.messageCount).toBe(10_000);
  await expect(store.beginTurn(newTurn())).rejects.toThrow(ConversationFullError);
  expect((await store.findConversation(conversationId))?.messageCount).toBe(10_000);
  // Others go on, and so does who begins anew.
  await storeExchange(store, { sessionId: "other" });
  await store.deleteConversation(conversationId);
  expect((await begin(store, newTurn())).history).toHaveLength(1);
});

test("text comes back as it was stored", async () => {
  const text = `"'; DROP TABLE messages; --\r\n\t\u2028 e\u0301 👩‍👩‍👧 ${"\u05d0".repeat(10)}`;
  await storeExchange(store, { question: text, answer: text });
  expect((await messagesOf()).map(({ content }) => content)).toEqual([text, text]);
});

test("a statement that fails leaves nothing of its transaction", async () => {
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
