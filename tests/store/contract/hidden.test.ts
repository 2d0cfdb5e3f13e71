import { beforeEach, describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;
let hidden: { readonly conversationId: string; readonly turnId: string };

const SESSION = "visitor-of-the-hidden";
const ERASE_AT = NOON + 30_000;

/** Everything that a store returns of a conversation. */
async function traces() {
  const { conversationId, turnId } = hidden;
  const limit = 10;
  const session = await store.findConversationBySession(SESSION);
  const { conversations, total } = await store.listConversations({ limit });
  const found = await store.listConversations({ limit, search: "lighthouse" });
  const marked = await store.listConversations({ limit, mark: "unanswered" });
  return {
    byId: await store.findConversation(conversationId),
    bySession: session,
    listed: conversations.map(({ id }) => id),
    total,
    found: found.conversations.map(({ id }) => id),
    foundTotal: found.total,
    marked: marked.conversations.map(({ id }) => id),
    messages: (await store.listMessages(conversationId)).length,
    exported: (await store.exportMessages(0, 10)).map(({ content }) => content),
    unanswered: (await store.listUnanswered(10)).length,
    turnOf: (await store.findTurn(turnId))?.sessionId === SESSION,
  };
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a hidden conversation", () => {
      let kept: string;

      beforeEach(async () => {
        ({ conversationId: kept } = await storeExchange(store, {
          sessionId: "kept",
          at: NOON - 1,
        }));
        const turn = newTurn({
          sessionId: SESSION,
          question: "A lighthouse?",
          idempotencyKey: "k",
        });
        const { conversationId } = await begin(store, turn);
        await store.finishTurn(turn.turnId, outcome({ grounding: "none" }));
        hidden = { conversationId, turnId: turn.turnId };
      });

      test("is found by nobody", async () => {
        expect(await store.hideConversation(hidden.conversationId, ERASE_AT)).toBe(true);
        expect(await traces()).toEqual({
          byId: undefined,
          bySession: undefined,
          listed: [kept],
          total: 1,
          found: [],
          foundTotal: 0,
          marked: [],
          messages: 0,
          exported: ["When do you open?", "At nine."],
          unanswered: 0,
          turnOf: false,
        });
        expect(await store.findConversation(`/${hidden.conversationId}`)).toBeUndefined();
        expect(await store.findTurnByIdempotencyKey(SESSION, "k")).toBeUndefined();
        expect(await store.hideConversation("c_unknown", ERASE_AT)).toBe(false);
      });

      test("is as it was once it is restored, until the time comes to erase it", async () => {
        const before = await traces();
        await store.hideConversation(hidden.conversationId, ERASE_AT);
        expect(await store.eraseHidden(ERASE_AT - 1)).toBe(false);
        expect(await store.restoreConversation(hidden.conversationId, ERASE_AT - 1)).toBe(true);
        expect(await traces()).toEqual(before);
        await store.hideConversation(hidden.conversationId, ERASE_AT);
        expect(await store.restoreConversation(hidden.conversationId, ERASE_AT)).toBe(false);
        expect(await store.restoreConversation("c_unknown", NOON)).toBe(false);
      });

      test("is erased when its time has come", async () => {
        await store.hideConversation(hidden.conversationId, ERASE_AT);
        expect(await store.eraseHidden(ERASE_AT)).toBe(true);
        expect(await store.eraseHidden(ERASE_AT)).toBe(false);
        expect(await store.restoreConversation(hidden.conversationId, NOON)).toBe(false);
        expect(await store.findTurn(hidden.turnId)).toBeUndefined();
        expect((await store.listConversations({ limit: 10 })).total).toBe(1);
      });

      test("leaves its visitor a new one, which he keeps when it is restored", async () => {
        await store.hideConversation(hidden.conversationId, ERASE_AT);
        const { conversationId: next } = await storeExchange(store, { sessionId: SESSION });
        expect(next).not.toBe(hidden.conversationId);
        expect(await store.restoreConversation(hidden.conversationId, NOON)).toBe(true);
        expect((await store.findConversationBySession(SESSION))?.id).toBe(next);
        expect((await store.findConversation(hidden.conversationId))?.messageCount).toBe(2);
        expect((await store.listConversations({ limit: 10 })).total).toBe(3);
        // Both can be hidden at the same time.
        for (const id of [next, hidden.conversationId]) {
          expect(await store.hideConversation(id, ERASE_AT)).toBe(true);
        }
        for (let n = 0; n < 2; n += 1) expect(await store.eraseHidden(ERASE_AT)).toBe(true);
        expect((await store.listConversations({ limit: 10 })).total).toBe(1);
      });

      test("cannot be changed by an answer that ends too late", async () => {
        const turn = newTurn({ sessionId: SESSION });
        await begin(store, turn);
        await store.saveDrafts([{ turnId: turn.turnId, content: "At" }]);
        await store.hideConversation(hidden.conversationId, ERASE_AT);
        expect(await store.finishTurn(turn.turnId, outcome())).toBe(false);
        expect((await store.listConversations({ limit: 10 })).total).toBe(1);
        await store.restoreConversation(hidden.conversationId, NOON);
        const messages = await store.listMessages(hidden.conversationId);
        expect(messages.at(-1)).toMatchObject({ content: "At", status: "stopped" });
        await storeExchange(store, { sessionId: SESSION });
      });
    });
  },
);
