import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import fc from "fast-check";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { twoSignificantDigits } from "../../../src/store/figures.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const TODAY = Math.floor(NOON / DAY_MS) * DAY_MS;

let store: Store;

beforeEach(() => {
  store = openSqliteStore(":memory:");
});
afterEach(() => store.close());
afterEach(cleanUp);

/** An answer of the day that is known by its times and tokens. */
async function answer(
  firstTokenMs: number | undefined,
  end: Partial<Parameters<typeof outcome>[0]> = {},
) {
  const turn = newTurn();
  await store.beginTurn(turn);
  await store.finishTurn(turn.turnId, outcome({ firstTokenMs, ...end }));
}

function figures(from = TODAY, to = TODAY) {
  return store.dailyFigures(from, to);
}

describe("the figures of a day", () => {
  test("count what happened on it", async () => {
    await storeExchange(store, { sessionId: "a" });
    await storeExchange(store, { sessionId: "a" });
    await storeExchange(store, { sessionId: "b", status: "failed", answer: "" });
    await storeExchange(store, { sessionId: "c", status: "interrupted" });
    await storeExchange(store, { sessionId: "c", question: "And?", status: "stopped" });
    const usage = { promptTokens: 10, completionTokens: 5, totalTokens: 15 };
    await answer(12, { usage });
    await answer(12, { usage });
    expect(await figures()).toEqual([
      { day: TODAY, conversations: 4, messages: 14, tokens: 30, errors: 2, medianFirstTokenMs: 12 },
    ]);
  });

  test("are those of days in UTC, oldest first, and only of days with any", async () => {
    for (const at of [TODAY - 1, TODAY, TODAY + DAY_MS - 1, TODAY + 3 * DAY_MS]) {
      await storeExchange(store, { sessionId: `at-${at}`, at });
    }
    const days = (await figures(TODAY - DAY_MS, TODAY + 9 * DAY_MS)).map((each) => [
      each.day,
      each.conversations,
    ]);
    expect(days).toEqual([
      [TODAY - DAY_MS, 1],
      [TODAY, 2],
      [TODAY + 3 * DAY_MS, 1],
    ]);
    expect(await figures(TODAY + DAY_MS, TODAY + 2 * DAY_MS)).toEqual([]);
  });

  test("have the median, not the mean", async () => {
    for (const ms of [10, 20, 30, 40, 60_000]) await answer(ms);
    expect((await figures())[0]?.medianFirstTokenMs).toBe(30);
  });

  test("have no median of answers without a token", async () => {
    await answer(undefined, { status: "failed", content: "" });
    expect((await figures())[0]?.medianFirstTokenMs).toBeUndefined();
  });

  test("count a question that is asked again once, and each of its answers", async () => {
    await storeExchange(store, { status: "failed", answer: "" });
    await storeExchange(store);
    expect((await figures())[0]).toMatchObject({ messages: 3, errors: 1 });
  });

  test("count an answer once, however often it is ended", async () => {
    const turn = newTurn();
    await store.beginTurn(turn);
    for (let i = 0; i < 3; i++) await store.finishTurn(turn.turnId, outcome({ status: "failed" }));
    expect((await figures())[0]?.errors).toBe(1);
  });

  test("count what a crash cut off", async () => {
    await store.beginTurn(newTurn());
    await store.interruptUnfinishedTurns();
    expect((await figures())[0]?.errors).toBe(1);
  });

  test("stay when a conversation is erased", async () => {
    const { conversationId } = await storeExchange(store);
    const before = await figures();
    await store.deleteConversation(conversationId);
    expect(await figures()).toEqual(before);
  });
});

test("times are kept to two significant digits, 5 % off at most", () => {
  fc.assert(
    fc.property(fc.nat(86_400_000), (ms) => {
      const kept = twoSignificantDigits(ms);
      if (ms < 100_000) expect(Math.abs(kept - ms)).toBeLessThanOrEqual(ms * 0.05);
    }),
  );
  const kept = new Set(Array.from({ length: 100_000 }, (_, ms) => twoSignificantDigits(ms)));
  expect(kept.size).toBeLessThan(400);
});

test("a database of the first version is counted as one that was counted all along", async () => {
  const times = [0, 99, 100, 104, 105, 994, 995, 9_949, 9_950, 12_345, 99_500, 123_456, 999_999];
  for (const [i, ms] of times.entries()) {
    const usage = { promptTokens: i, completionTokens: 1, totalTokens: i + 1 };
    const turn = newTurn({ sessionId: `visitor-${i % 4}`, at: NOON + (i % 3) * DAY_MS });
    await store.beginTurn(turn);
    const status = i % 5 === 0 ? "interrupted" : "complete";
    await store.finishTurn(turn.turnId, outcome({ firstTokenMs: ms, usage, status }));
  }
  // The same messages, in a schema of the first version.
  const old = `${temporaryFolder()}/old.db`;
  const first = new Database(old, { create: true, strict: true });
  migrate(first, MIGRATIONS.slice(0, 1));
  const insertConversation = first.prepare(
    "INSERT INTO conversations VALUES (?, ?, ?, ?, ?, '', 0)",
  );
  const insertMessage = first.prepare(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, prompt_tokens,
       completion_tokens, total_tokens, first_token_ms, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const seqs = new Map<string, number>();
  for (const message of await store.exportMessages(0, 1000)) {
    const { id, sessionId, conversationId, turnId, role, content, status, usage } = message;
    if (!seqs.has(sessionId)) {
      seqs.set(sessionId, seqs.size + 1);
      const at = message.createdAt;
      insertConversation.run(seqs.size, conversationId, sessionId, at, at);
    }
    insertMessage.run(
      id,
      seqs.get(sessionId) ?? 0,
      turnId,
      role,
      content,
      status,
      usage?.promptTokens ?? null,
      usage?.completionTokens ?? null,
      usage?.totalTokens ?? null,
      message.firstTokenMs ?? null,
      message.createdAt,
    );
  }
  first.close();
  const updated = openSqliteStore(old);
  const span = [TODAY, TODAY + 9 * DAY_MS] as const;
  expect(await updated.dailyFigures(...span)).toEqual(await store.dailyFigures(...span));
  expect(await store.dailyFigures(...span)).toHaveLength(3);
  await updated.close();
});

test("sessions are kept, used, ended and cleared away", async () => {
  await store.saveOwnerSession({ hash: "a", createdAt: 10, usedAt: 10 });
  await store.saveOwnerSession({ hash: "b", createdAt: 20, usedAt: 20 });
  await store.saveOwnerSession({ hash: "c", createdAt: 30, usedAt: 30 });
  expect(await store.touchOwnerSession("a", 50)).toBe(true);
  expect(await store.findOwnerSession("a")).toEqual({ hash: "a", createdAt: 10, usedAt: 50 });
  await store.deleteOwnerSessions({ createdAt: 11, usedAt: 0 });
  await store.deleteOwnerSessions({ createdAt: 0, usedAt: 21 });
  expect(await store.findOwnerSession("a")).toBeUndefined();
  expect(await store.findOwnerSession("b")).toBeUndefined();
  expect(await store.findOwnerSession("c")).toBeDefined();
  await store.deleteOwnerSession("c");
  expect(await store.findOwnerSession("c")).toBeUndefined();
});

test("a use that is written behind the logout does not bring the session back", async () => {
  await store.saveOwnerSession({ hash: "a", createdAt: 10, usedAt: 10 });
  const [, isThere] = await Promise.all([
    store.deleteOwnerSession("a"),
    store.touchOwnerSession("a", 99),
  ]);
  expect(isThere).toBe(false);
  expect(await store.findOwnerSession("a")).toBeUndefined();
});
