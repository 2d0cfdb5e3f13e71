import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { TcpProxy } from "../../../harness/tcp-proxy.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { StoreUnavailableError } from "../../../src/store/unavailable.ts";
import { WITH_INDEX } from "../../support/empty-postgres.ts";
import { amount, DAY, MONTH, reservation, spent, ZERO } from "../../support/reservations.ts";
import { addSource, foundTexts, newDocument, section } from "../../support/stored-knowledge.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** The database executes a statement, and the network loses its answer. */
describe.skipIf(!hasPostgres)("a statement whose answer is lost", () => {
  let proxy: TcpProxy;
  let store: Store;
  /** Sees the database without the broken network. */
  let direct: Store;

  beforeEach(async () => {
    const server = await sharedPostgres();
    const url = await server.createDatabase();
    proxy = await TcpProxy.start(server.port);
    ({ store: direct } = await openPostgresStore(url, WITH_INDEX));
    const throughProxy = url.replace(`:${server.port}/`, `:${proxy.port}/`);
    ({ store } = await openPostgresStore(throughProxy, { ...WITH_INDEX, connections: 1 }));
    // The connection is there before the network breaks, and knows the statements, so that it sends them at once.
    const { conversationId } = await storeExchange(store, {
      sessionId: "before",
      at: NOON + WEEK_MS,
    });
    await store.deleteConversation(conversationId);
  });
  afterEach(async () => {
    await Promise.all([store.close(), direct.close()]);
    proxy.stop();
  });

  /** Loses the first answer, and cuts the connection once `isDone` sees that the statement was executed. */
  async function loseAnswer<Result>(
    run: () => Promise<Result>,
    isDone: () => Promise<boolean>,
  ): Promise<Result> {
    proxy.silence("down");
    const result = run();
    while (!(await isDone())) await Bun.sleep(5);
    proxy.cut();
    await proxy.heal();
    return result;
  }

  const isStored = async (turnId: string) => (await direct.findTurn(turnId)) !== undefined;

  test("begins a turn once, with the history before it", async () => {
    await storeExchange(store, { question: "Earlier?", answer: "Yes." });
    const turn = newTurn({ question: "Now?", idempotencyKey: "k" });
    const beginning = await loseAnswer(
      () => store.beginTurn(turn),
      () => isStored(turn.turnId),
    );
    expect(beginning).toMatchObject({ kind: "begun" });
    expect(beginning.kind === "begun" && beginning.history.map(({ content }) => content)).toEqual([
      "Earlier?",
      "Yes.",
      "Now?",
    ]);
    expect((await direct.findConversationBySession("visitor"))?.messageCount).toBe(4);
    expect(await direct.dailyFigures(NOON, NOON)).toMatchObject([{ messages: 4 }]);
  });

  test("ends an answer once, and says that it did", async () => {
    const turn = newTurn();
    await store.beginTurn(turn);
    const end = outcome({ status: "failed" });
    const hasEnded = async () =>
      (await direct.findTurn(turn.turnId))?.answer.status !== "streaming";
    expect(await loseAnswer(() => store.finishTurn(turn.turnId, end), hasEnded)).toBe(true);
    expect(await direct.dailyFigures(NOON, NOON)).toMatchObject([{ errors: 1 }]);
    expect(await store.finishTurn(turn.turnId, end)).toBe(false);
  });

  test("erases a conversation, and says that it did", async () => {
    const { conversationId } = await begin(store, newTurn());
    const isGone = async () => (await direct.findConversation(conversationId)) === undefined;
    expect(await loseAnswer(() => store.deleteConversation(conversationId), isGone)).toBe(true);
  });

  test("stores and removes a document once, says that it did, and finds what has changed", async () => {
    const { id: sourceId } = await addSource(store);
    const put = (uri: string, text = uri) =>
      store.putDocument(newDocument({ sourceId, uri, sections: [section(text)] }));
    /** Each connection gets to know the statements, which a new one does not. */
    const learnStatements = async () => {
      for (let n = 0; n < 4; n += 1) {
        await Promise.all(["a", "b", "c", "d"].map((uri) => put(uri, `${uri} text ${n}`)));
        await Promise.all([1, 2, 3, 4].map(() => store.removeDocument(987_654)));
      }
    };
    await learnStatements();
    const isNew = async () => (await foundTexts(direct, "apples")).length > 0;
    expect(await loseAnswer(() => put("a", "apples"), isNew)).toBe("stored");
    expect(await foundTexts(store, "apples")).toEqual(["apples"]);
    await learnStatements();
    const { id = 0 } = (await direct.findDocument("a")) ?? {};
    const isGone = async () => (await direct.findDocument("a")) === undefined;
    expect(await loseAnswer(() => store.removeDocument(id), isGone)).toBe(true);
    expect(await foundTexts(store, "text")).toHaveLength(3);
  });

  test("leaves no turn under way that begins after it was refused, and its key can be used again", async () => {
    const turn = newTurn({ idempotencyKey: "k" });
    proxy.silence("up");
    await expect(store.beginTurn(turn)).rejects.toThrow(StoreUnavailableError);
    expect(await direct.findTurn(turn.turnId)).toBeUndefined();
    await proxy.heal();
    // It begins only now, and not if the next one were there before it.
    while (!(await isStored(turn.turnId))) await Bun.sleep(5);
    for (let isBegun = false; !isBegun; await Bun.sleep(20)) {
      const beginning = await store.beginTurn(newTurn({ idempotencyKey: "k" }));
      isBegun = beginning.kind === "begun";
    }
    expect((await direct.findTurn(turn.turnId))?.answer.status).toBe("interrupted");
    expect((await direct.findConversationBySession("visitor"))?.messageCount).toBe(3);
  });

  describe("of the ledger", () => {
    const sums = async () => (await direct.spentIn([DAY]))[0];
    const hasHeld = async (cost: number) => (await sums())?.held.cost === cost;
    const hasSpent = async (cost: number) => (await sums())?.cost === cost;
    const end = { day: DAY, month: MONTH, amount: amount(7, 3, 10) };

    /** The connection gets to know the statements, which a new one does not. */
    const learnStatements = async () => {
      await store.settle("known", { ...end, amount: ZERO, isReserved: false });
      await store.reserve(reservation({ perDay: 0 }));
      await storeExchange(store, { sessionId: "known" });
    };
    beforeEach(learnStatements);

    test("sets aside what a turn may cost once, and counts once what it has cost", async () => {
      const turn = newTurn({ reservation: reservation({ perDay: 150 }) });
      const beginning = await loseAnswer(
        () => store.beginTurn(turn),
        () => hasHeld(100),
      );
      expect(beginning).toMatchObject({ kind: "begun" });
      expect(await sums()).toMatchObject({ cost: 0, held: { cost: 100 } });
      await learnStatements();
      const answer = outcome({ spent: spent([7, 3, 10]) });
      const finish = () => store.finishTurn(turn.turnId, answer);
      expect(await loseAnswer(finish, () => hasSpent(10))).toBe(true);
      expect(await sums()).toMatchObject({ ...amount(7, 3, 10), held: ZERO });
    });

    test("counts a turn without a budget once, also where it was erased meanwhile", async () => {
      const answer = outcome({ spent: spent([7, 3, 10], { isReserved: false }) });
      for (const [isErased, total] of [
        [false, 10],
        [true, 20],
      ] as const) {
        const turn = newTurn();
        const { conversationId } = await begin(store, turn);
        if (isErased) await direct.deleteConversation(conversationId);
        const finish = () => store.finishTurn(turn.turnId, answer);
        expect(await loseAnswer(finish, () => hasSpent(total))).toBe(!isErased);
        expect((await sums())?.cost).toBe(total);
      }
    });

    test("sets aside and counts a call that is no turn once, with a budget and without one", async () => {
      const call = reservation({ perDay: 150 });
      const refused = await loseAnswer(
        () => store.reserve(call),
        () => hasHeld(100),
      );
      expect(refused).toBeUndefined();
      expect(await sums()).toMatchObject({ cost: 0, held: { cost: 100 } });
      const settle = (id: string, isReserved: boolean) => () =>
        store.settle(id, { ...end, isReserved });
      await learnStatements();
      await loseAnswer(settle(call.id, true), () => hasSpent(10));
      await learnStatements();
      await loseAnswer(settle("without", false), () => hasSpent(20));
      expect(await sums()).toMatchObject({ ...amount(14, 6, 20), held: ZERO });
    });

    test("notes a mark once, and says that it did", async () => {
      await store.noteSpending({ period: MONTH, mark: "reached", limit: 1000, at: NOON });
      await direct.wantNotices([{ channel: "mail", kind: "budget.warning" }]);
      const isNoted = async () => (await direct.nextNoticeAt(["mail"])) !== undefined;
      const note = () =>
        store.noteSpending({ period: DAY, mark: "warning", limit: 1000, at: NOON });
      expect(await loseAnswer(note, isNoted)).toBe(true);
      expect(
        await direct.noteSpending({ period: DAY, mark: "warning", limit: 1000, at: NOON + 1 }),
      ).toBe(false);
    });

    test("leaves nothing set aside for what begins only after it was refused", async () => {
      const turn = newTurn({ owner: "r_1", reservation: reservation({ owner: "r_1" }) });
      const call = reservation({ owner: "r_1" });
      proxy.silence("up");
      await expect(store.beginTurn(turn)).rejects.toThrow(StoreUnavailableError);
      await expect(store.reserve(call)).rejects.toThrow(StoreUnavailableError);
      await proxy.heal();
      while (!(await isStored(turn.turnId))) await Bun.sleep(5);
      while ((await direct.findTurn(turn.turnId))?.answer.status === "streaming") {
        await Bun.sleep(20);
      }
      await store.settleOrphans(DAY);
      expect(await sums()).toMatchObject({ cost: 0, held: ZERO });
    });
  });
});
