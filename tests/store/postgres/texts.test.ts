import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTurn, storeExchange } from "../../support/stored-turns.ts";

describe.skipIf(!hasPostgres)("a text in PostgreSQL", () => {
  let store: Store;
  beforeAll(async () => {
    ({ store } = await openPostgresStore(await (await sharedPostgres()).createDatabase()));
  });
  afterAll(() => store.close());

  test.each([
    ["quotes, commas and braces", `{"a", 'b'} \\ NULL, ,`],
    ["line ends, tabs and control characters", "a\r\nb\tc\u0001\u007f\u0085\u2028"],
    ["emoji, and characters that others join", "👩‍👩‍👧 e\u0301 \u{10ffff}"],
    ["half a megabyte", "营业".repeat(90_000)],
  ])("comes back as it was: %s", async (_, answer) => {
    const turn = newTurn({ sessionId: crypto.randomUUID(), question: answer.slice(0, 4000) });
    const beginning = await store.beginTurn(turn);
    expect(beginning).toMatchObject({ history: [{ content: turn.question }] });
    await store.saveDrafts([{ turnId: turn.turnId, content: answer }]);
    expect((await store.findTurn(turn.turnId))?.answer.content).toBe(answer);
    await store.finishTurn(turn.turnId, { content: answer, status: "complete", at: turn.at });
    expect(await store.findTurn(turn.turnId)).toMatchObject({
      question: turn.question,
      answer: { content: answer },
    });
    const next = await store.beginTurn({ ...newTurn(), sessionId: turn.sessionId, question: "?" });
    const contents = next.kind === "begun" ? next.history.map(({ content }) => content) : [];
    expect(contents.length === 1 || contents[1] === answer).toBe(true);
  });

  test.each([
    ["NUL", "a\0b", "a\ufffdb"],
    ["half a character", "a\ud83db", "a\ufffdb"],
  ])(
    "has a replacement character where it had what PostgreSQL cannot store: %s",
    async (_, sent, stored) => {
      const sessionId = crypto.randomUUID();
      const { turnId } = await storeExchange(store, { sessionId, answer: sent });
      expect((await store.findTurn(turnId))?.answer.content).toBe(stored);
      const second = newTurn({ sessionId });
      await store.beginTurn(second);
      await store.saveDrafts([{ turnId: second.turnId, content: sent }]);
      expect((await store.findTurn(second.turnId))?.answer.content).toBe(stored);
      expect(await store.findConversation(sent)).toBeUndefined();
    },
  );
});
