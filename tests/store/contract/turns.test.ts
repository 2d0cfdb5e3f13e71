import { describe, expect, test } from "bun:test";

import type { FinalStatus, Message } from "../../../src/conversation/records.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

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

forEachStore(
  (each) => {
    store = each;
  },
  () => {
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
        expect((await messagesOf("a"))[1]).toMatchObject({
          content: "Saved in time",
          ...interrupted,
        });
        expect((await messagesOf("b"))[1]).toMatchObject({ content: "", ...interrupted });
        expect((await messagesOf("c"))[1]).toMatchObject({
          content: "At nine.",
          status: "complete",
        });
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

    test("text comes back as it was stored", async () => {
      const text = `"'; DROP TABLE messages; --\r\n\t\u2028 e\u0301 👩‍👩‍👧 ${"\u05d0".repeat(10)}`;
      await storeExchange(store, { question: text, answer: text });
      expect((await messagesOf()).map(({ content }) => content)).toEqual([text, text]);
    });
  },
);
