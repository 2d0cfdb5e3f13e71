import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { reservation, spent, ZERO } from "../../support/reservations.ts";
import { settingsChange } from "../../support/stored-settings.ts";
import { newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { until } from "../../support/until.ts";

/** Three clients of one database, as replicas are. */
describe.skipIf(!hasPostgres)("replicas on one PostgreSQL", () => {
  let stores: readonly Store[] = [];
  let store: Store;
  let sessionId = "";
  let url = "";

  beforeAll(async () => {
    url = await (await sharedPostgres()).createDatabase();
    // All three make the tables at the same time.
    const opened = await Promise.all([1, 2, 3].map(() => openPostgresStore(url)));
    stores = opened.map((each) => each.store);
    const [first] = stores;
    if (first) store = first;
  });
  beforeEach(() => {
    sessionId = crypto.randomUUID();
  });
  afterAll(() => Promise.all(stores.map((each) => each.close())));

  async function beginAll(idempotencyKey?: string): Promise<readonly string[]> {
    const beginnings = await Promise.all(
      Array.from({ length: 10 }, () =>
        stores.map((each) => each.beginTurn(newTurn({ sessionId, idempotencyKey }))),
      ).flat(),
    );
    return beginnings.map(({ kind }) => kind).toSorted();
  }

  test("let one of 30 questions begin that come in a session at the same time", async () => {
    expect(await beginAll()).toEqual(["begun", ...Array.from({ length: 29 }, () => "busy")]);
    const conversation = await store.findConversationBySession(sessionId);
    expect(conversation?.messageCount).toBe(2);
  });

  test("begin one turn for 30 requests with the same idempotency key", async () => {
    expect(await beginAll("once")).toEqual([
      "begun",
      ...Array.from({ length: 29 }, () => "earlier"),
    ]);
  });

  test("make one secret when all of them need it first", async () => {
    const name = crypto.randomUUID();
    const made = await Promise.all(
      stores.map((each, n) => each.secret(name, () => `made by ${n}`)),
    );
    expect(new Set(made).size).toBe(1);
  });

  test("let one of several changes of the settings in that were made for the same version, whatever they change", async () => {
    for (let round = 0; round < 20; round += 1) {
      const { version: expectedVersion } = await store.readSettings();
      const taken = await Promise.all(
        stores.map((each, n) => {
          const audit = [{ setting: `Widget key ${n}`, before: "valid", after: "revoked" }];
          return each.changeSettings(settingsChange({ expectedVersion, audit }));
        }),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
  });

  test("count what all of them store in one row of figures", async () => {
    const at = NOON + 40 * 24 * 60 * 60 * 1000;
    const turns = Array.from({ length: 20 }, () =>
      stores.map((each) => storeExchange(each, { sessionId: crypto.randomUUID(), at })),
    );
    await Promise.all(turns.flat());
    expect(await store.dailyFigures(at, at)).toMatchObject([
      { conversations: 60, messages: 120, medianFirstTokenMs: 12 },
    ]);
  });

  test("end an answer once when one of them gives its owner up and the owner ends it", async () => {
    const turn = newTurn({ sessionId, owner: "dead.1" });
    await store.beginTurn(turn);
    await store.saveDrafts([{ turnId: turn.turnId, content: "At ni" }]);
    const [isEnded] = await Promise.all([
      store.finishTurn(turn.turnId, outcome()),
      stores[1]?.interruptUnfinishedTurns(),
    ]);
    const stored = (await store.findTurn(turn.turnId))?.answer;
    expect(stored).toMatchObject(
      isEnded
        ? { status: "complete", content: "At nine." }
        : { status: "interrupted", content: "At ni" },
    );
    expect(await store.finishTurn(turn.turnId, outcome({ content: "Late" }))).toBe(false);
    expect((await store.findTurn(turn.turnId))?.answer).toEqual(stored as typeof stored & object);
  });

  test("end all answers of a replica that has died, each once, when all of them do it", async () => {
    const turns = Array.from({ length: 100 }, () =>
      newTurn({ sessionId: crypto.randomUUID(), owner: "dead.2" }),
    );
    await Promise.all(turns.map((turn) => store.beginTurn(turn)));
    const ended = await Promise.all(stores.map((each) => each.interruptUnfinishedTurns()));
    expect(ended.reduce((sum, each) => sum + each, 0)).toBe(100);
    const last = await store.findTurn(turns.at(-1)?.turnId ?? "");
    expect(last?.answer).toMatchObject({ status: "interrupted", errorCode: "interrupted" });
  });

  test("set aside no more than a budget together, and count each call once", async () => {
    const day = "2031-01-01";
    const parts = { day, month: "2031-01", perDay: 1000, owner: "dead.3" };
    const turns = Array.from({ length: 60 }, (_, n) => {
      const parties = [
        { key: "every", limit: 1000 },
        { key: `of ${n % 7}`, limit: 1000 },
      ];
      const turn = { sessionId: crypto.randomUUID(), owner: "dead.3" };
      return newTurn({ ...turn, reservation: reservation({ ...parts, parties }) });
    });
    const at = (n: number) => stores[n % stores.length] ?? store;
    const beginnings = await Promise.all(turns.map((turn, n) => at(n).beginTurn(turn)));
    const begun = turns.filter((_, n) => beginnings[n]?.kind === "begun");
    expect(begun).toHaveLength(10);
    expect(await store.spentIn([day])).toMatchObject([{ cost: 0, held: { cost: 1000 } }]);
    // Some end while they are given up, and others come to their place.
    const end = outcome({ spent: spent([5, 5, 10], { day, month: "2031-01" }) });
    const again = turns.filter((_, n) => beginnings[n]?.kind === "refused");
    const [later] = await Promise.all([
      Promise.all(again.map((turn, n) => at(n).beginTurn(turn))),
      ...begun.map((turn, n) => at(n).finishTurn(turn.turnId, end)),
      ...stores.map((each) => each.interruptUnfinishedTurns()),
      ...stores.map((each) => each.settleOrphans(day)),
    ]);
    const hasBegun = later.filter(({ kind }) => kind === "begun").length;
    for (const each of stores) await each.interruptUnfinishedTurns();
    const [sum] = await store.spentIn([day]);
    expect(sum?.held).toEqual(ZERO);
    // Each was counted as what it has cost, or as a whole.
    const whole = ((sum?.cost ?? 0) - 10 * (10 + hasBegun)) / 90;
    expect(whole).toBeWithin(hasBegun, hasBegun + 11);
    expect(Number.isInteger(whole)).toBe(true);
    expect(sum?.cost).toBeLessThanOrEqual(1000);
  });

  test("erase a conversation while questions come, and keep no half of either", async () => {
    for (let round = 0; round < 10; round++) {
      const { conversationId } = await storeExchange(store, { sessionId });
      const turn = newTurn({ sessionId });
      const [isErased, beginning] = await Promise.all([
        stores[1]?.deleteConversation(conversationId),
        stores[2]?.beginTurn(turn),
      ]);
      expect(isErased).toBe(true);
      expect(beginning?.kind).toBe("begun");
      // The question came before and is erased, too, or has begun a new conversation.
      const found = await store.findConversationBySession(sessionId);
      expect(found?.messageCount ?? 0).toBe(found ? 2 : 0);
      expect(await store.listMessages(conversationId)).toEqual([]);
      await store.finishTurn(turn.turnId, outcome());
    }
  });

  test("leave a question to the person who hides its conversation at that moment", async () => {
    const { conversationId } = await storeExchange(store, { sessionId });
    await store.takeOver(conversationId, { name: "Anna", at: NOON });
    // As if it came right after the question's commit.
    const sql = new SQL(url, { max: 1 });
    await sql.unsafe(`
      CREATE FUNCTION hide_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM hide_conversation(id, ${NOON + 1}) FROM conversations WHERE seq = new.conversation_seq;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER hidden_at_once AFTER UPDATE ON messages DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (new.finish_reason = 'person') EXECUTE FUNCTION hide_at_once()`);
    const turn = newTurn({ sessionId });
    expect(await store.beginTurn(turn)).toMatchObject({
      kind: "person",
      turn: {
        conversationId,
        sessionId,
        question: turn.question,
        answer: { turnId: turn.turnId, content: "", status: "complete", finishReason: "person" },
      },
    });
    await sql.unsafe("DROP TRIGGER hidden_at_once ON messages; DROP FUNCTION hide_at_once");
    await sql.close();
    expect(await store.findConversationBySession(sessionId)).toBeUndefined();
    expect(await store.beginTurn(newTurn({ sessionId }))).toMatchObject({ kind: "begun" });
  });

  test("restore a conversation whose visitor begins another one at that moment", async () => {
    const { conversationId } = await storeExchange(store, { sessionId });
    await store.hideConversation(conversationId, NOON + 1);
    const sql = new SQL(url, { max: 1 });
    const begun = `c_${crypto.randomUUID()}`;
    await sql.unsafe(`BEGIN; INSERT INTO conversations
      (id, session_id, created_at, updated_at, last_message, message_count)
      VALUES ('${begun}', '${sessionId}', ${NOON}, ${NOON}, 'When?', 2)`);
    const restored = store.restoreConversation(conversationId, NOON);
    await until(async () => {
      const waiting = await sql`
        SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))`;
      return waiting.length > 0;
    });
    await sql.unsafe("COMMIT");
    await sql.close();
    expect(await restored).toBe(true);
    expect((await store.findConversationBySession(sessionId))?.id).toBe(begun);
    expect((await store.findConversation(conversationId))?.messageCount).toBe(2);
  });
});
