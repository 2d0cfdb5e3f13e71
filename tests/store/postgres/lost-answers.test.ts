import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { TcpProxy } from "../../../harness/tcp-proxy.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { StoreUnavailableError } from "../../../src/store/unavailable.ts";
import { WITH_INDEX } from "../../support/empty-postgres.ts";
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
});
