import { describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const DAY_MS = 24 * 60 * 60 * 1000;

const TODAY = Math.floor(NOON / DAY_MS) * DAY_MS;

/** Stores an answer of the day with the given times and tokens. */
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

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the figures of a day", () => {
      test("count the questions and answers of that day", async () => {
        await storeExchange(store, { sessionId: "a" });
        await storeExchange(store, { sessionId: "a" });
        await storeExchange(store, { sessionId: "b", status: "failed", answer: "" });
        await storeExchange(store, { sessionId: "c", status: "interrupted" });
        await storeExchange(store, { sessionId: "c", question: "And?", status: "stopped" });
        const usage = { promptTokens: 10, completionTokens: 5, totalTokens: 15 };
        await answer(12, { usage });
        await answer(12, { usage });
        expect(await figures()).toEqual([
          {
            day: TODAY,
            conversations: 4,
            messages: 14,
            tokens: 30,
            errors: 2,
            medianFirstTokenMs: 12,
            firstTokens: [{ ms: 12, answers: 7 }],
            groundings: { cited: 0, uncited: 0, none: 0, unsourced: 0 },
            ratings: { positive: 0, negative: 0 },
          },
        ]);
      });

      test("count the answers that were given sources, by whether they stand on these", async () => {
        for (const grounding of ["cited", "none", "cited", "uncited"] as const) {
          await answer(12, { grounding, sources: [] });
        }
        await answer(12);
        const [day] = await figures();
        expect(day?.groundings).toEqual({ cited: 2, uncited: 1, none: 1, unsourced: 0 });
      });

      test("are grouped by days in UTC, oldest first, without empty days", async () => {
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

      test("have the median time to the first token, not the mean", async () => {
        for (const ms of [10, 20, 30, 40, 60_000]) await answer(ms);
        expect((await figures())[0]?.medianFirstTokenMs).toBe(30);
      });

      test("have no median when no answer has a token", async () => {
        await answer(undefined, { status: "failed", content: "" });
        expect((await figures())[0]?.medianFirstTokenMs).toBeUndefined();
      });

      test("count a repeated question once, and each of its answers", async () => {
        await storeExchange(store, { status: "failed", answer: "" });
        await storeExchange(store);
        expect((await figures())[0]).toMatchObject({ messages: 3, errors: 1 });
      });

      test("count an answer once, however often it is finished", async () => {
        const turn = newTurn();
        await store.beginTurn(turn);
        for (let i = 0; i < 3; i++)
          await store.finishTurn(turn.turnId, outcome({ status: "failed" }));
        expect((await figures())[0]?.errors).toBe(1);
      });

      test("count answers that a crash cut off", async () => {
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
  },
);
