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
    longAgo: (await store.listConversations({ limit, from: -1e13 })).conversations.map(
      ({ id }) => id,
    ),
    longAgoTotal: (await store.listConversations({ limit, from: -1e13, to: 1e14 })).total,
    foundLongAgo: (await store.listConversations({ limit, search: "lighthouse", from: -1e13 }))
      .total,
    newer: await store.countNewer({ limit, from: -1e13 }, { updatedAt: -1e13, position: 0 }),
    messagesUnderSlash: (await store.listMessages(`/${conversationId}`)).length,
    turn: (await store.findTurn(turnId))?.sessionId,
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
          longAgo: [kept],
          longAgoTotal: 1,
          foundLongAgo: 0,
          newer: 1,
          messagesUnderSlash: 0,
          turn: undefined,
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

      test.each([
        ["its visitor", "session_id", SESSION],
        ["its id", "id", undefined],
      ] as const)("is erased for good by %s", async (_, by, value) => {
        const { conversationId: id } = hidden;
        await store.hideConversation(id, ERASE_AT);
        const { conversationId: next } = await storeExchange(store, { sessionId: SESSION });
        const erasable = await store.listErasable(by, value ?? id);
        expect(erasable).toContainEqual({ id, sessionId: SESSION });
        expect(erasable.map((each) => each.id).includes(next)).toBe(by === "session_id");
        expect(await store.listErasable("id", `/${id}`)).toEqual([]);
        expect(await store.deleteConversation(id)).toBe(true);
        expect(await store.listErasable("id", id)).toEqual([]);
        expect(await store.restoreConversation(id, NOON)).toBe(false);
        expect(await store.eraseHidden(Number.MAX_SAFE_INTEGER)).toBe(false);
      });

      test("cannot be restored in part once a step of the retention has begun", async () => {
        const { conversationId: id } = hidden;
        for (let n = 0; n < 9; n += 1) await storeExchange(store, { sessionId: SESSION });
        await store.hideConversation(id, ERASE_AT);
        await store.expireConversations(NOON - 10);
        expect(await store.restoreConversation(id, NOON)).toBe(false);
        while (!(await store.expireConversations(NOON - 10)).isDone);
        expect(await store.listErasable("id", id)).toEqual([]);
      });

      test("cannot be restored in part while it is being erased", async () => {
        const { conversationId: id } = hidden;
        for (let n = 0; n < 9; n += 1) await storeExchange(store, { sessionId: SESSION });
        await store.hideConversation(id, ERASE_AT);
        const erasing = store.eraseHidden(Number.MAX_SAFE_INTEGER);
        // Whichever comes first: it is back as a whole, or it is too late.
        const isRestored = await store.restoreConversation(id, NOON);
        const shown = isRestored ? (await store.findConversation(id))?.sessionId : SESSION;
        await erasing;
        expect(shown).toBe(SESSION);
        expect([0, 20]).toContain((await store.listMessages(id)).length);
        if (!isRestored) expect(await store.restoreConversation(id, NOON)).toBe(false);
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
