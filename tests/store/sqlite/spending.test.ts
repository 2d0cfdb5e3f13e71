import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { HOUR_MS } from "../../../src/runtime/time.ts";
import { openKnowledgeInFile } from "../../../src/store/sqlite/knowledge-beside-server.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { backupSqlite, openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { amount, DAY, MONTH, reservation, ZERO } from "../../support/reservations.ts";
import { newTurn } from "../../support/stored-turns.ts";

let file = "";

beforeEach(() => {
  file = join(temporaryFolder(), "chat.db");
});
afterEach(cleanUp);

test("a call that a killed server has set something aside for is settled by the next start, as a whole", async () => {
  const killed = openSqliteStore(file);
  await killed.reserve(reservation());
  await killed.close();
  const store = openSqliteStore(file);
  await store.reserve(reservation());
  expect(await store.settleOrphans(DAY)).toBe(1);
  // What this server is at is left as it is.
  expect(await store.settleOrphans(DAY)).toBe(0);
  expect(await store.spentIn([MONTH])).toMatchObject([{ cost: 100, held: { cost: 100 } }]);
  await store.close();
});

test("what was set aside for an answer that is erased, hidden or cut off when the server is killed costs as a whole, once", async () => {
  const killed = openSqliteStore(file);
  const other = new Database(file);
  const begun = async () => {
    const turn = newTurn({ sessionId: crypto.randomUUID() });
    const beginning = await killed.beginTurn({ ...turn, reservation: reservation() });
    if (beginning.kind !== "begun") throw new Error(beginning.kind);
    return beginning.conversationId;
  };
  const [erased, hidden, cutOff] = [await begun(), await begun(), await begun()];
  await killed.deleteConversation(erased);
  await killed.hideConversation(hidden, Number.MAX_SAFE_INTEGER);
  const held = amount(180, 120, 300);
  expect(await killed.spentIn([DAY])).toEqual([{ period: DAY, ...ZERO, held }]);
  await killed.close();
  const store = openSqliteStore(file);
  expect(await store.interruptUnfinishedTurns()).toBe(1);
  expect(await store.settleOrphans(DAY)).toBe(2);
  expect(await store.spentIn([DAY])).toEqual([{ period: DAY, ...held, held: ZERO }]);
  const [, answer] = await store.listMessages(cutOff);
  expect(answer).toMatchObject({ status: "interrupted", cost: 100 });
  expect(other.query("SELECT 1 FROM messages WHERE held IS NOT NULL").all()).toEqual([]);
  other.close();
  await store.close();
});

test("what an earlier version has set aside for an answer under way is settled by the next start, with the answer", async () => {
  const held = MIGRATIONS.findIndex((migration) => migration.includes("ADD COLUMN held"));
  const db = new Database(file, { create: true, strict: true });
  migrate(db, MIGRATIONS.slice(0, held));
  db.run(
    "INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count) VALUES (1, 'c_1', 's', 1, 1, '', 2)",
  );
  db.run(
    "INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at) VALUES (1, 1, 't_1', 'user', 'Hi', 'complete', 1)",
  );
  db.run(
    "INSERT INTO messages (id, conversation_seq, turn_id, question_id, role, content, status, created_at) VALUES (2, 1, 't_1', 1, 'assistant', '', 'streaming', 1)",
  );
  db.run("INSERT INTO unindexed VALUES (1), (2)");
  db.run("INSERT INTO spending_held VALUES ('t_1', 'gone', ?, ?, 60, 40, 100, '[\"p\"]', 1)", [
    DAY,
    MONTH,
  ]);
  db.close();
  const store = openSqliteStore(file);
  expect(await store.spentIn([DAY])).toMatchObject([{ cost: 0, held: amount(60, 40, 100) }]);
  expect(await store.interruptUnfinishedTurns()).toBe(1);
  expect(await store.settleOrphans(DAY)).toBe(0);
  expect(await store.spentIn([DAY])).toEqual([{ period: DAY, ...amount(60, 40, 100), held: ZERO }]);
  expect(await store.listMessages("c_1")).toMatchObject([{}, { cost: 100 }]);
  const limits = { parties: [{ key: "p", limit: 150 }] };
  expect(await store.reserve(reservation(limits))).toEqual({ by: "party", isForNow: false });
  await store.close();
});

test("a command counts in the server's ledger, and neither settles what the other is at", async () => {
  const store = openSqliteStore(file);
  const command = await openKnowledgeInFile(file);
  await store.reserve(reservation());
  const call = reservation({ at: Date.now() });
  await command.reserve(call);
  expect(await command.settleOrphans(DAY)).toBe(0);
  expect(await store.settleOrphans(DAY)).toBe(0);
  expect(await command.reserve(reservation({ perDay: 250 }))).toMatchObject({ by: "day" });
  const end = { day: DAY, month: MONTH, amount: amount(1, 2, 3) };
  await command.settle(call.id, { ...end, isReserved: true });
  await command.settle("without a budget", { ...end, isReserved: false });
  expect(await store.spentIn([DAY])).toEqual([
    { period: DAY, ...amount(2, 4, 6), held: amount(60, 40, 100) },
  ]);
  await command.close();
  await store.close();
});

test("what a killed command has set aside is settled by the server, once no call can be under way any more", async () => {
  const store = openSqliteStore(file);
  const command = await openKnowledgeInFile(file);
  await command.reserve(reservation({ at: Date.now() - HOUR_MS - 1 }));
  await command.reserve(reservation({ at: Date.now() }));
  await command.close();
  expect(await store.settleOrphans(DAY)).toBe(1);
  expect(await store.spentIn([DAY])).toMatchObject([{ cost: 100, held: { cost: 100 } }]);
  await store.close();
});

test("a backup has the ledger", async () => {
  const store = openSqliteStore(file);
  await store.settle("x", { day: DAY, month: MONTH, amount: amount(1, 2, 3), isReserved: false });
  const copy = join(temporaryFolder(), "copy.db");
  backupSqlite(file, copy);
  const restored = openSqliteStore(copy);
  expect(await restored.spentIn([DAY])).toEqual([{ period: DAY, ...amount(1, 2, 3), held: ZERO }]);
  await Promise.all([store.close(), restored.close()]);
});

test("what a party has spent is known to the next start, and what was set aside for it after a crash", async () => {
  const limits = { parties: [{ key: "p", limit: 250 }] };
  const store = openSqliteStore(file);
  const call = reservation(limits);
  await store.reserve(call);
  await store.settle(call.id, { day: DAY, month: MONTH, amount: undefined, isReserved: true });
  await store.reserve(reservation(limits));
  await store.close();
  const next = openSqliteStore(file);
  await next.settleOrphans(DAY);
  expect(await next.reserve(reservation(limits))).toEqual({ by: "party", isForNow: false });
  await next.close();
});

test("a question that could not be stored leaves nothing set aside", async () => {
  const store = openSqliteStore(file);
  const other = new Database(file);
  const limits = { perDay: 150, parties: [{ key: "p", limit: 150 }] };
  const begin = () => {
    const turn = newTurn({ sessionId: crypto.randomUUID() });
    return store.beginTurn({ ...turn, reservation: reservation(limits) });
  };
  other.run(
    "CREATE TRIGGER refused BEFORE INSERT ON messages BEGIN SELECT raise(ABORT, 'refused'); END",
  );
  await expect(begin()).rejects.toThrow("refused");
  expect(await store.spentIn([DAY])).toMatchObject([{ held: ZERO }]);
  other.run("DROP TRIGGER refused");
  expect(await begin()).toMatchObject({ kind: "begun" });
  expect(await begin()).toMatchObject({ kind: "refused", isForNow: true });
  other.close();
  await store.close();
});

test("what a call has set aside counts for each of its parties, also where the memory of parties was full", async () => {
  const store = openSqliteStore(file);
  const looked = Array.from({ length: 9_999 }, (_, n) => ({ key: `p${n}`, limit: 1 }));
  expect(await store.reserve(reservation({ parties: looked }))).toMatchObject({ by: "party" });
  const [a, b, c] = ["a", "b", "c"].map((key) => ({ key, limit: 150 }));
  if (!a || !b || !c) throw new Error("There are three parties.");
  expect(await store.reserve(reservation({ parties: [a, b, c] }))).toBeUndefined();
  for (const party of [a, b, c]) {
    expect(await store.reserve(reservation({ parties: [party] }))).toEqual({
      by: "party",
      isForNow: true,
    });
  }
  await store.close();
});

test("the shares of more parties than are written at once, or kept in memory, are all known to the next start", async () => {
  const parties = Array.from({ length: 10_500 }, (_, n) => ({ key: `p${n}`, limit: 150 }));
  const store = openSqliteStore(file);
  const settlement = { day: DAY, month: MONTH, amount: amount(0, 0, 100), isReserved: true };
  for (let n = 0; n < parties.length; n += 20) {
    const call = reservation({ parties: parties.slice(n, n + 20) });
    await store.reserve(call);
    await store.settle(call.id, settlement);
  }
  const isUsed = async (key: string | undefined, of: typeof store) =>
    (await of.reserve(reservation({ parties: parties.filter((each) => each.key === key) }))) !==
    undefined;
  expect(await isUsed("p0", store)).toBe(true);
  await store.close();
  const next = openSqliteStore(file);
  for (const { key } of parties) if (!(await isUsed(key, next))) throw new Error(`${key} is free.`);
  await next.close();
});
