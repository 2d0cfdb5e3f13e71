import { beforeEach, describe, expect, test } from "bun:test";

import type { ConversationFilter } from "../../../src/store/conversation-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { NOON, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

/** The sessions that a filter finds, in the order of the list. */
async function sessionsOf(filter: Partial<ConversationFilter> = {}): Promise<string[]> {
  const { conversations } = await store.listConversations({ limit: 100, ...filter });
  return conversations.map(({ sessionId }) => sessionId);
}

async function totalOf(filter: Partial<ConversationFilter> = {}): Promise<number> {
  return (await store.listConversations({ limit: 1, ...filter })).total;
}

/** Reads every page from the first to the last. Returns the sessions, the totals and the pages' sizes. */
async function readPages(filter: ConversationFilter) {
  const sessions: string[] = [];
  const totals = new Set<number>();
  const sizes: number[] = [];
  let cursor: ConversationFilter["cursor"];
  do {
    const page = await store.listConversations({ ...filter, cursor });
    sessions.push(...page.conversations.map(({ sessionId }) => sessionId));
    sizes.push(page.conversations.length);
    totals.add(page.total);
    cursor = page.nextCursor;
  } while (cursor);
  return { sessions, totals: [...totals], sizes };
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the list of conversations", () => {
      test("is empty at first", async () => {
        expect(await store.listConversations({ limit: 10 })).toEqual({
          conversations: [],
          total: 0,
          newer: undefined,
          nextCursor: undefined,
          previousCursor: undefined,
        });
      });

      test("begins with the conversation that was active last", async () => {
        for (const sessionId of ["a", "b", "c"])
          await storeExchange(store, { sessionId, at: NOON });
        await storeExchange(store, { sessionId: "b", at: NOON + 1 });
        expect(await sessionsOf()).toEqual(["b", "c", "a"]);
      });

      test("has no empty page after a full last one", async () => {
        for (const sessionId of ["a", "b"]) await storeExchange(store, { sessionId });
        expect((await store.listConversations({ limit: 2 })).nextCursor).toBeUndefined();
        expect((await store.listConversations({ limit: 1 })).nextCursor).toBeDefined();
      });

      test("is read page by page without a gap or a repeat, even with equal times", async () => {
        const count = 523;
        // The times repeat in runs whose lengths are not multiples of a page's size.
        for (let i = 0; i < count; i += 1) {
          await storeExchange(store, { sessionId: `v${i}`, at: NOON + Math.floor(i / 37) });
        }
        const { sessions, totals, sizes } = await readPages({ limit: 50 });
        expect(sessions).toEqual(Array.from({ length: count }, (_, i) => `v${count - 1 - i}`));
        expect(totals).toEqual([count]);
        expect(sizes).toEqual([...Array.from({ length: 10 }, () => 50), 23]);
      });

      test("is read page by page with a search and dates, too", async () => {
        for (let i = 0; i < 60; i += 1) {
          const answer = i % 3 === 0 ? "The lighthouse is lit" : "It is dark";
          await storeExchange(store, { sessionId: `v${i}`, answer, at: NOON + Math.floor(i / 10) });
        }
        const filter = { limit: 4, search: "lighthouse", from: NOON + 1, to: NOON + 5 };
        const { sessions, totals } = await readPages(filter);
        const expected = Array.from({ length: 60 }, (_, i) => 59 - i)
          .filter((i) => i % 3 === 0 && i >= 10 && i < 50)
          .map((i) => `v${i}`);
        expect(sessions).toEqual(expected);
        expect(totals).toEqual([expected.length]);
      });

      test("is read page by page with dates, even from a cursor that is later than both", async () => {
        for (let i = 0; i < 60; i += 1) {
          await storeExchange(store, { sessionId: `v${i}`, at: NOON + Math.floor(i / 10) });
        }
        const filter = { limit: 7, from: NOON + 1, to: NOON + 5 };
        const expected = Array.from({ length: 40 }, (_, i) => `v${49 - i}`);
        const { sessions, totals } = await readPages(filter);
        expect(sessions).toEqual(expected);
        expect(totals).toEqual([40]);
        const { nextCursor } = await store.listConversations({ limit: 1 });
        expect(await sessionsOf({ ...filter, cursor: nextCursor })).toEqual(expected.slice(0, 7));
      });

      test("keeps its place when newer conversations come between two pages", async () => {
        for (const sessionId of ["a", "b", "c", "d"]) await storeExchange(store, { sessionId });
        const first = await store.listConversations({ limit: 2 });
        expect(first.conversations.map(({ sessionId }) => sessionId)).toEqual(["d", "c"]);
        await storeExchange(store, { sessionId: "new", at: NOON + 1 });
        await storeExchange(store, { sessionId: "d", at: NOON + 2 });
        expect(await sessionsOf({ cursor: first.nextCursor })).toEqual(["b", "a"]);
      });

      test("goes on after the cursor's conversation was erased", async () => {
        for (const sessionId of ["a", "b", "c"]) await storeExchange(store, { sessionId });
        const first = await store.listConversations({ limit: 2 });
        await store.deleteConversation(first.conversations[1]?.id ?? "");
        expect(await sessionsOf({ cursor: first.nextCursor })).toEqual(["a"]);
      });
    });

    describe("the list's from and to", () => {
      beforeEach(async () => {
        for (const minute of [0, 1, 2, 3]) {
          await storeExchange(store, { sessionId: `at-${minute}`, at: NOON + minute * 60_000 });
        }
      });

      test.each([
        ["from, included", { from: NOON + 120_000 }, ["at-3", "at-2"]],
        ["to, excluded", { to: NOON + 60_000 }, ["at-0"]],
        ["both", { from: NOON + 60_000, to: NOON + 180_000 }, ["at-2", "at-1"]],
        ["the same for both", { from: NOON, to: NOON }, []],
        ["the wrong way round", { from: NOON + 180_000, to: NOON }, []],
      ])("bound the last activity: %s", async (_, filter, expected) => {
        expect(await sessionsOf(filter)).toEqual(expected);
        expect(await totalOf(filter)).toBe(expected.length);
      });

      test("compare the last activity, not the first", async () => {
        await storeExchange(store, { sessionId: "at-0", at: NOON + 600_000 });
        expect(await sessionsOf({ from: NOON + 500_000 })).toEqual(["at-0"]);
        expect(await sessionsOf({ to: NOON + 60_000 })).toEqual([]);
      });
    });

    describe("listMessages", () => {
      test("returns the newest messages, oldest first", async () => {
        const { conversationId } = await storeExchange(store, { question: "Q1", answer: "A1" });
        await storeExchange(store, { question: "Q2", answer: "A2" });
        const contents = async (limit?: number) =>
          (await store.listMessages(conversationId, limit)).map(({ content }) => content);
        expect(await contents()).toEqual(["Q1", "A1", "Q2", "A2"]);
        expect(await contents(3)).toEqual(["A1", "Q2", "A2"]);
        expect(await contents(1)).toEqual(["A2"]);
      });

      test("returns nothing for an unknown conversation", async () => {
        expect(await store.listMessages("c_unknown")).toEqual([]);
        expect(await store.findConversation("c_unknown")).toBeUndefined();
        expect(await store.findConversationBySession("unknown")).toBeUndefined();
      });
    });

    describe("exportMessages", () => {
      test("returns every message once, in the order in which they were stored", async () => {
        const a = await storeExchange(store, { sessionId: "a", question: "Q1", answer: "A1" });
        await storeExchange(store, { sessionId: "b", question: "Q2", answer: "A2" });
        await storeExchange(store, { sessionId: "a", question: "Q3", answer: "A3" });
        const contents: string[] = [];
        let afterId = 0;
        for (;;) {
          const messages = await store.exportMessages(afterId, 4);
          if (messages.length === 0) break;
          contents.push(...messages.map(({ content }) => content));
          afterId = messages.at(-1)?.id ?? afterId;
        }
        expect(contents).toEqual(["Q1", "A1", "Q2", "A2", "Q3", "A3"]);
        const [first] = await store.exportMessages(0, 1);
        expect(first).toMatchObject({
          conversationId: a.conversationId,
          sessionId: "a",
          role: "user",
        });
      });
    });
  },
);
