import { describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { expire, expireAll, sessionsIn } from "../../support/expiry.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const OLD = NOON - 1000;
const WORDS = ["zebrafish", "quokkas", "xylophone"];
const SESSION = "session-of-the-erased";

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("deleteConversation", () => {
      test("removes the conversation from the list, the total, the search, the turns and the export", async () => {
        const { conversationId: kept } = await storeExchange(store, { sessionId: "kept" });
        const turn = newTurn({
          sessionId: SESSION,
          question: WORDS.join(" "),
          idempotencyKey: "k",
        });
        const { conversationId } = await begin(store, turn);
        await store.finishTurn(turn.turnId, outcome());
        expect((await store.listConversations({ limit: 10 })).total).toBe(2);

        await store.deleteConversation(conversationId);
        const { conversations, total } = await store.listConversations({ limit: 10 });
        expect(total).toBe(1);
        expect(conversations.map(({ id }) => id)).toEqual([kept]);
        for (const search of WORDS) {
          expect((await store.listConversations({ limit: 10, search })).total).toBe(0);
        }
        expect(await store.findConversation(conversationId)).toBeUndefined();
        expect(await store.findConversationBySession(SESSION)).toBeUndefined();
        expect(await store.listMessages(conversationId)).toEqual([]);
        expect(await store.findTurn(turn.turnId)).toBeUndefined();
        expect(await store.findTurnByIdempotencyKey(SESSION, "k")).toBeUndefined();
        const exported = await store.exportMessages(0, 100);
        expect(exported.map((message) => message.conversationId)).toEqual([kept, kept]);
      });

      test("lets the session begin anew without its earlier messages", async () => {
        const { conversationId } = await storeExchange(store, { sessionId: SESSION });
        await store.deleteConversation(conversationId);
        const begun = await begin(store, newTurn({ sessionId: SESSION, question: "Hello?" }));
        expect(begun.conversationId).not.toBe(conversationId);
        expect(begun.history).toEqual([{ role: "user", content: "Hello?" }]);
      });

      test("returns false for an unknown conversation, and changes nothing", async () => {
        const { conversationId } = await storeExchange(store);
        expect(await store.deleteConversation("c_unknown")).toBe(false);
        expect((await store.listConversations({ limit: 10 })).total).toBe(1);
        expect(await store.deleteConversation(conversationId)).toBe(true);
        expect(await store.deleteConversation(conversationId)).toBe(false);
        expect((await store.listConversations({ limit: 10 })).total).toBe(0);
      });
    });

    describe("expireConversations", () => {
      test("deletes only conversations that were last active before the time", async () => {
        await storeExchange(store, { sessionId: "old", at: OLD });
        await storeExchange(store, { sessionId: "returned", at: OLD });
        await storeExchange(store, { sessionId: "returned", at: NOON });
        await storeExchange(store, { sessionId: "new", at: NOON });
        expect(await expireAll(store)).toBe(1);
        expect(await sessionsIn(store)).toEqual(["new", "returned"]);
        expect((await store.listConversations({ limit: 10 })).total).toBe(2);
        expect(await store.exportMessages(0, 100)).toHaveLength(6);
      });

      test("is done at once when there is nothing to delete", async () => {
        await storeExchange(store, { at: NOON });
        expect(await expire(store)).toEqual([0]);
        expect(await sessionsIn(store)).toEqual(["visitor"]);
      });

      test("keeps an answer under way, however old it is", async () => {
        const turn = newTurn({ sessionId: "patient", at: OLD });
        await store.beginTurn(turn);
        await storeExchange(store, { sessionId: "old", at: OLD });
        expect(await expireAll(store)).toBe(1);
        expect(await sessionsIn(store)).toEqual(["patient"]);

        await store.finishTurn(turn.turnId, outcome({ at: OLD }));
        expect(await expireAll(store)).toBe(1);
        expect(await sessionsIn(store)).toEqual([]);
      });

      test("keeps the daily figures", async () => {
        await storeExchange(store, { sessionId: "old", at: OLD });
        const before = await store.dailyFigures(OLD, NOON);
        await expire(store);
        expect(await store.dailyFigures(OLD, NOON)).toEqual(before);
      });
    });
  },
);
