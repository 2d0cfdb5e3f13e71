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

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("finishTurn", () => {
      test("stores the answer with all its properties", async () => {
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

      test("stores why a turn failed, and keeps its question", async () => {
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
        // The list does not show an empty answer.
        expect(await store.findConversationBySession("visitor")).toMatchObject({
          lastMessage: "Anybody?",
        });
      });

      test("ends an answer only once, so that its first ending stays", async () => {
        const { turnId } = await storeExchange(store, { answer: "First" });
        const second = outcome({ content: "Second", status: "stopped" });
        expect(await store.finishTurn(turnId, second)).toBe(false);
        expect((await messagesOf())[1]).toMatchObject({ content: "First", status: "complete" });
      });

      test("does nothing after the conversation was erased", async () => {
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

      test("does nothing with an unknown turn", async () => {
        expect(await store.finishTurn("t_unknown", outcome())).toBe(false);
        expect(await store.exportMessages(0, 10)).toEqual([]);
      });
    });

    describe("saveDrafts", () => {
      test("stores the text so far of answers under way, which stay under way", async () => {
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

      test("does not change answers that have ended", async () => {
        const { turnId } = await storeExchange(store, { answer: "The end." });
        await store.saveDrafts([{ turnId, content: "A late draft" }]);
        expect((await messagesOf())[1]?.content).toBe("The end.");
      });

      test("does nothing without drafts", () => store.saveDrafts([]));
    });

    describe("interruptUnfinishedTurns", () => {
      test("keeps the saved text of answers that a crash cut off, and counts them", async () => {
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

      test("adds the text of interrupted answers to the search and the history", async () => {
        const turn = newTurn({ question: "Q" });
        await store.beginTurn(turn);
        await store.saveDrafts([{ turnId: turn.turnId, content: "A lighthouse" }]);
        expect((await store.listConversations({ limit: 10, search: "lighthouse" })).total).toBe(0);
        await store.interruptUnfinishedTurns();
        expect((await store.listConversations({ limit: 10, search: "lighthouse" })).total).toBe(1);
        const { history } = await begin(store, newTurn({ question: "Next?" }));
        expect(history.map(({ content }) => content)).toEqual(["Q", "A lighthouse", "Next?"]);
      });
    });

    describe("finding a turn", () => {
      test.each(["complete", "stopped", "interrupted", "failed"] as const satisfies FinalStatus[])(
        "returns a %s turn with its question, its session and its answer",
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

      test("returns a turn that is under way", async () => {
        const turn = newTurn();
        await store.beginTurn(turn);
        expect((await store.findTurn(turn.turnId))?.answer.status).toBe("streaming");
      });

      test("finds nothing by an unknown id", async () => {
        await storeExchange(store);
        expect(await store.findTurn("t_unknown")).toBeUndefined();
        expect(await store.findTurn("")).toBeUndefined();
      });

      test("finds a turn by its idempotency key only in its own session", async () => {
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

    test("the active turn of a session is returned while it is under way, and only for its session", async () => {
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
