import { describe, expect, test } from "bun:test";

import type { Message } from "../../../src/conversation/records.ts";
import { ConversationFullError } from "../../../src/store/conversation-limit.ts";
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
    describe("beginTurn", () => {
      test("stores the question and an empty answer that is streaming", async () => {
        const turn = newTurn({ question: "Hi?", model: "lighthouse-1", idempotencyKey: "k" });
        const { conversationId } = await begin(store, turn);
        expect(await store.listMessages(conversationId)).toEqual([
          {
            id: expect.any(Number),
            turnId: turn.turnId,
            role: "user",
            content: "Hi?",
            status: "complete",
            createdAt: NOON,
          },
          {
            id: expect.any(Number),
            turnId: turn.turnId,
            role: "assistant",
            content: "",
            status: "streaming",
            createdAt: NOON,
            model: "lighthouse-1",
          },
        ]);
        expect(await store.findConversation(conversationId)).toEqual({
          id: conversationId,
          sessionId: "visitor",
          createdAt: NOON,
          updatedAt: NOON,
          lastMessage: "Hi?",
          messageCount: 2,
        });
      });

      test("continues the session's one conversation", async () => {
        const first = await storeExchange(store, { at: NOON });
        const second = await begin(store, newTurn({ question: "And now?", at: NOON + 5 }));
        expect(second.conversationId).toBe(first.conversationId);
        expect(await store.findConversationBySession("visitor")).toMatchObject({
          createdAt: NOON,
          updatedAt: NOON + 5,
          lastMessage: "And now?",
          messageCount: 4,
        });
        const other = await begin(store, newTurn({ sessionId: "somebody-else" }));
        expect(other.conversationId).not.toBe(first.conversationId);
        expect((await store.listConversations({ limit: 10 })).total).toBe(2);
      });

      test("treats session ids that differ in case as two sessions", async () => {
        await storeExchange(store, { sessionId: "a" });
        await storeExchange(store, { sessionId: "A" });
        expect((await store.listConversations({ limit: 10 })).total).toBe(2);
      });

      test("stores nothing of a session's first turn whose id is taken", async () => {
        const turn = newTurn();
        await store.beginTurn(turn);
        await expect(store.beginTurn({ ...turn, sessionId: "somebody-else" })).rejects.toThrow();
        expect(await store.findConversationBySession("somebody-else")).toBeUndefined();
        expect((await store.listConversations({ limit: 10 })).total).toBe(1);
      });

      test.each(["under way", "ended"])(
        "returns the %s turn that the same idempotency key began in the session, and stores nothing",
        async (state) => {
          const once = newTurn({ idempotencyKey: "once", at: NOON });
          await store.beginTurn(once);
          if (state === "ended") await store.finishTurn(once.turnId, outcome());
          const before = await store.findConversationBySession("visitor");
          const twice = newTurn({ idempotencyKey: "once", at: NOON + 5, question: "Again?" });
          const earlier = await store.findTurn(once.turnId);
          expect(earlier).toBeDefined();
          expect<unknown>(await store.beginTurn(twice)).toEqual({ kind: "earlier", turn: earlier });
          expect(await messagesOf()).toHaveLength(2);
          expect(await store.findConversationBySession("visitor")).toEqual(before);
          expect((await store.listConversations({ limit: 10, search: "again" })).total).toBe(0);
          expect(await store.findTurn(twice.turnId)).toBeUndefined();
        },
      );

      test("stores nothing while an answer of the session is under way, and begins once it has ended", async () => {
        const first = newTurn();
        await store.beginTurn(first);
        const second = newTurn({ question: "And?" });
        expect(await store.beginTurn(second)).toEqual({ kind: "busy" });
        expect(await messagesOf()).toHaveLength(2);
        expect(await store.findTurn(second.turnId)).toBeUndefined();
        await store.finishTurn(first.turnId, outcome());
        expect(await store.beginTurn(second)).toMatchObject({ kind: "begun" });
      });

      test("lets only one of two simultaneous turns begin", async () => {
        const beginnings = await Promise.all([
          store.beginTurn(newTurn({ question: "One?" })),
          store.beginTurn(newTurn({ question: "Two?" })),
        ]);
        expect(beginnings.map(({ kind }) => kind).toSorted()).toEqual(["begun", "busy"]);
        const key = { idempotencyKey: "once", sessionId: "other" };
        const repeated = await Promise.all([
          store.beginTurn(newTurn(key)),
          store.beginTurn(newTurn(key)),
        ]);
        expect(repeated.map(({ kind }) => kind).toSorted()).toEqual(["begun", "earlier"]);
      });

      test("accepts the same idempotency key in another session", async () => {
        await store.beginTurn(newTurn({ idempotencyKey: "once" }));
        await store.beginTurn(newTurn({ idempotencyKey: "once", sessionId: "somebody-else" }));
        expect((await store.listConversations({ limit: 10 })).total).toBe(2);
      });

      test("accepts any number of turns without a key", async () => {
        for (let i = 0; i < 3; i += 1) await storeExchange(store);
        expect(await messagesOf()).toHaveLength(6);
      });

      test("shows the beginning of a long question in the list, without splitting a character", async () => {
        await store.beginTurn(newTurn({ question: "👋".repeat(300) }));
        const conversation = await store.findConversationBySession("visitor");
        expect(conversation?.lastMessage).toStartWith("👋👋");
        expect(conversation?.lastMessage.length).toBeLessThan(600);
        expect(conversation?.lastMessage.isWellFormed()).toBe(true);
      });
    });

    test("a conversation of 10,000 messages accepts no more, also of its owner, and its session begins anew after it is erased", async () => {
      const { conversationId } = await storeExchange(store);
      for (let n = 1; n < 5000; n += 1) await storeExchange(store, { answer: "" });
      expect((await store.findConversation(conversationId))?.messageCount).toBe(10_000);
      await expect(store.beginTurn(newTurn())).rejects.toThrow(ConversationFullError);
      const words = { turnId: "t_owner", text: "Hi", name: "Anna", idempotencyKey: undefined };
      const message = { ...words, conversationId, at: NOON };
      await expect(store.addOwnerMessage(message)).rejects.toThrow(ConversationFullError);
      expect(await store.findTakeover(conversationId)).toBeUndefined();
      expect((await store.findConversation(conversationId))?.messageCount).toBe(10_000);
      // Other sessions go on, and so does this one after the erasure.
      await storeExchange(store, { sessionId: "other" });
      await store.deleteConversation(conversationId);
      expect((await begin(store, newTurn())).history).toHaveLength(1);
    });
  },
);
