import { describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

/** The texts that the model would be sent when the visitor asks "Next?". */
async function historyOf(messages = 30, tokens = 8000): Promise<string[]> {
  const bounds = { messages, tokens };
  const turn = newTurn({ question: "Next?", history: bounds });
  const { history } = await begin(store, turn);
  await store.finishTurn(turn.turnId, outcome({ content: "", status: "failed" }));
  expect(history[0]?.role).toBe("user");
  expect(history.at(-1)).toEqual({ role: "user", content: "Next?" });
  return history.map(({ content }) => content);
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the history that the model is sent", () => {
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

      test("contains only this session's messages", async () => {
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
        for (const n of [1, 2, 3])
          await storeExchange(store, { question: `Q${n}`, answer: `A${n}` });
        expect(await historyOf(limit)).toEqual(expected);
      });

      test("contains the newest messages of a long conversation", async () => {
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

      test("is the question alone when that is longer than the limit", async () => {
        await storeExchange(store, { question: "Q", answer: "A" });
        expect(await historyOf(30, 1)).toEqual(["Next?"]);
      });

      test("finds the messages before a hundred empty answers", async () => {
        await storeExchange(store, { question: "Q", answer: "A" });
        for (let n = 0; n < 100; n += 1) {
          await storeExchange(store, { question: `Empty ${n}?`, answer: "", status: "failed" });
        }
        expect(await historyOf()).toEqual(["Q", "A", "Next?"]);
      });

      test("does not search through thousands of empty answers", async () => {
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
      ] as const)("contains a %s answer that has text", async (status, answer) => {
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
        "leaves out a %s answer with the text %p and its question",
        async (status, answer) => {
          await storeExchange(store, { question: "Good?", answer: "Yes" });
          await storeExchange(store, { question: "Bad?", answer, status });
          expect(await historyOf()).toEqual(["Good?", "Yes", "Next?"]);
        },
      );

      test("counts only messages that are sent, so that failures do not push out earlier ones", async () => {
        await storeExchange(store, { question: "Good?", answer: "Yes" });
        for (let i = 0; i < 20; i += 1)
          await storeExchange(store, { answer: "", status: "failed" });
        expect(await historyOf(3)).toEqual(["Good?", "Yes", "Next?"]);
      });
    });
  },
);
