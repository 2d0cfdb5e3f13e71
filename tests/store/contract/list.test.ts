import { beforeEach, describe, expect, test } from "bun:test";

import type { Outcome } from "../../../src/conversation/records.ts";
import type { ConversationFilter } from "../../../src/store/conversation-store.ts";
import type { ListMark } from "../../../src/store/list-marks.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

async function list(filter: Partial<ConversationFilter> = {}) {
  return store.listConversations({ limit: 100, countsNewer: true, ...filter });
}

async function sessionsOf(filter: Partial<ConversationFilter> = {}): Promise<string[]> {
  return (await list(filter)).conversations.map(({ sessionId }) => sessionId);
}

async function only(filter: Partial<ConversationFilter> = {}) {
  const { conversations } = await list(filter);
  expect(conversations).toHaveLength(1);
  const [conversation] = conversations;
  if (conversation === undefined) throw new Error("There is no conversation.");
  return conversation;
}

/** The place of the first conversation. */
async function topOf() {
  const { nextCursor } = await list({ limit: 1 });
  if (nextCursor === undefined) throw new Error("There is one conversation at most.");
  return nextCursor;
}

/** Stores a question whose answer ends in a certain way. */
async function storeTurn(sessionId: string, end: Partial<Outcome>, at = NOON): Promise<void> {
  const turn = newTurn({ sessionId, at });
  await begin(store, turn);
  await store.finishTurn(turn.turnId, outcome({ at, ...end }));
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a conversation in the list", () => {
      test("has the beginning of its first question, and of its newest answer as it was written", async () => {
        await storeExchange(store, { question: `Ä${"1".repeat(300)}`, answer: "First" });
        await storeExchange(store, { question: "Second?", answer: `**${"2".repeat(1500)}` });
        const { firstQuestion, lastAnswer } = await only();
        expect(firstQuestion).toBe(`Ä${"1".repeat(199)}`);
        expect(lastAnswer).toBe(`**${"2".repeat(998)}`);
      });

      test("says how its newest answer has ended, and while it is written", async () => {
        const turn = newTurn();
        await begin(store, turn);
        expect(await only()).toMatchObject({ lastStatus: "streaming", lastAnswer: "" });
        await store.saveDrafts([{ turnId: turn.turnId, content: "At" }]);
        expect(await only()).toMatchObject({ lastStatus: "streaming", lastAnswer: "At" });
        const failed = outcome({ content: "", status: "failed", errorCode: "model_error" });
        await store.finishTurn(turn.turnId, failed);
        expect(await only()).toMatchObject({ lastStatus: "failed", lastAnswer: "" });
      });
    });

    describe("the list by marks", () => {
      const marked = (mark: ListMark) => sessionsOf({ mark });

      test("has the conversations whose newest answer failed, was cut off or was stopped", async () => {
        await storeTurn("complete", {});
        await storeTurn("failed", { status: "failed", content: "" });
        await storeTurn("interrupted", { status: "interrupted" }, NOON + 1);
        await storeTurn("stopped", { status: "stopped" });
        expect(await marked("failed")).toEqual(["interrupted", "failed"]);
        expect(await marked("stopped")).toEqual(["stopped"]);
        expect((await list({ mark: "failed", limit: 1 })).total).toBe(2);
      });

      test("has no conversation any more whose next answer is under way or complete", async () => {
        await storeTurn("a", { status: "failed", content: "" });
        await storeTurn("b", { status: "stopped" });
        const turn = newTurn({ sessionId: "a" });
        await begin(store, turn);
        expect(await marked("failed")).toEqual([]);
        await store.finishTurn(turn.turnId, outcome());
        await storeTurn("b", { status: "failed" });
        expect(await marked("failed")).toEqual(["b"]);
        expect(await marked("stopped")).toEqual([]);
      });

      test("has a conversation with an unanswered question for as long as it exists", async () => {
        await storeTurn("a", { grounding: "none" });
        await storeTurn("b", { grounding: "cited" });
        await storeTurn("a", { grounding: "cited" });
        expect(await marked("unanswered")).toEqual(["a"]);
        const { id, isUnanswered } = await only({ mark: "unanswered" });
        expect(isUnanswered).toBe(true);
        await store.deleteConversation(id);
        expect(await list({ mark: "unanswered" })).toMatchObject({ conversations: [], total: 0 });
      });

      test("is bounded by dates, and searched", async () => {
        for (const [index, word] of ["lamp", "parcel", "parcel", "lamp"].entries()) {
          const at = NOON + index;
          await storeTurn(`failed-${index}`, { status: "failed", content: word, at }, at);
          await storeTurn(`complete-${index}`, { content: word, at }, at);
        }
        const mark = "failed";
        expect(await sessionsOf({ mark, from: NOON + 1, to: NOON + 3 })).toEqual([
          "failed-2",
          "failed-1",
        ]);
        expect(await sessionsOf({ mark, search: "parcel" })).toEqual(["failed-2", "failed-1"]);
        const page = await list({ mark, search: "parcel", from: NOON + 2, limit: 1 });
        expect(page).toMatchObject({ total: 1, searched: { matches: 1, isComplete: true } });
      });

      test("lacks nothing where all marks are filled in, which a new database is from the start", async () => {
        expect(await store.fillMarks()).toBe(true);
        await storeTurn("a", { status: "failed" });
        expect(await store.fillMarks()).toBe(true);
        expect(await marked("failed")).toEqual(["a"]);
      });
    });

    describe("the pages of the list", () => {
      beforeEach(async () => {
        // Some were active at the same time.
        for (let n = 0; n < 7; n += 1) {
          await storeExchange(store, { sessionId: `v${n}`, at: NOON + Math.floor(n / 2) });
        }
      });

      test.each([
        ["the list", {}],
        ["a search", { search: "open" }],
        ["the list with dates", { from: NOON, to: NOON + 4 }],
      ])("of %s lead forward and back", async (_, filter) => {
        const first = await list({ ...filter, limit: 3 });
        expect(first).toMatchObject({ newer: 0, total: 7, previousCursor: undefined });
        const second = await list({ ...filter, limit: 3, cursor: first.nextCursor });
        expect(second).toMatchObject({ newer: 3, total: 7 });
        const third = await list({ ...filter, limit: 3, cursor: second.nextCursor });
        expect(third).toMatchObject({ newer: 6, total: 7, nextCursor: undefined });
        expect([first, second, third].flatMap(({ conversations }) => conversations)).toEqual([
          ...(await list(filter)).conversations,
        ]);
        expect(await list({ ...filter, limit: 3, cursor: third.previousCursor })).toEqual(second);
        expect(await list({ ...filter, limit: 3, cursor: second.previousCursor })).toEqual(first);
      });

      const neighboursOf = async (id: string, filter: ConversationFilter) => [
        await store.findNeighbour(id, filter, "newer"),
        await store.findNeighbour(id, filter, "older"),
      ];

      test.each([
        ["the list", {}],
        ["a search", { search: "open" }],
        ["the list with dates", { from: NOON, to: NOON + 4 }],
      ])("of %s are read without texts and counts, too, in both directions", async (_, filter) => {
        const all = (await list(filter)).conversations.map(({ id, sessionId }) => ({
          id,
          sessionId,
        }));
        for (const isBackwards of [false, true]) {
          const updatedAt = isBackwards ? 0 : Number.MAX_SAFE_INTEGER;
          let cursor: ConversationFilter["cursor"] = { updatedAt, position: 0, isBackwards };
          const pages = [];
          while (cursor !== undefined) {
            const page = await store.listKeys({ ...filter, limit: 3, cursor });
            expect(page.searched?.matches).toBe("search" in filter ? 7 : undefined);
            pages.push(page.conversations);
            cursor = page.followingCursor;
          }
          expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
          expect((isBackwards ? pages.toReversed() : pages).flat()).toMatchObject(all);
        }
      });

      test("are shorter where the way back meets the beginning", async () => {
        const second = await list({ limit: 2, cursor: (await list({ limit: 2 })).nextCursor });
        for (const filter of [{}, { search: "open" }]) {
          const back = await list({ ...filter, limit: 5, cursor: second.previousCursor });
          expect(back.conversations.map(({ sessionId }) => sessionId)).toEqual(["v6", "v5"]);
          expect(back).toMatchObject({ newer: 0, total: 7, previousCursor: undefined });
        }
      });

      test("count what comes before them only where that is asked for", async () => {
        const { nextCursor: cursor } = await list({ limit: 3 });
        for (const filter of [{}, { search: "open" }]) {
          const page = await store.listConversations({ ...filter, limit: 3, cursor });
          expect(page.newer).toBeUndefined();
          expect(page.previousCursor).toBeDefined();
        }
      });

      test("know how many conversations have come before a place since", async () => {
        const first = await list({ limit: 2 });
        const cursor = await topOf();
        expect(await store.countNewer({ limit: 2 }, cursor)).toBe(0);
        await storeExchange(store, { sessionId: "new", at: NOON + 9 });
        await storeExchange(store, { sessionId: "v0", at: NOON + 9 });
        expect(await store.countNewer({ limit: 2 }, cursor)).toBe(2);
        expect(await store.countNewer({ limit: 2, mark: "failed" }, cursor)).toBe(0);
        const next = await list({ limit: 2, cursor: first.nextCursor });
        expect(next).toMatchObject({ newer: 4, total: 8 });
      });

      test.each([
        ["the list", {}],
        ["a search", { search: "open" }],
      ])("of %s have neighbours for each conversation", async (_, filter) => {
        const { conversations } = await list(filter);
        for (const [index, { id }] of conversations.entries()) {
          const anywhere = { limit: 50, cursor: { updatedAt: 1, position: 1 }, ...filter };
          expect(await neighboursOf(id, anywhere)).toEqual([
            conversations[index - 1]?.id,
            conversations[index + 1]?.id,
          ]);
        }
        const ofUnknown = await neighboursOf("c_unknown", { limit: 1, ...filter });
        expect(ofUnknown).toEqual([undefined, undefined]);
      });

      test("have neighbours for a conversation that the filter leaves out", async () => {
        await storeTurn("v5", { status: "failed", at: NOON + 4 }, NOON + 4);
        await storeTurn("v0", { status: "failed", at: NOON }, NOON);
        const { conversations } = await list();
        const idOf = (session: string) =>
          conversations.find(({ sessionId }) => sessionId === session)?.id;
        const neighbours = await neighboursOf(idOf("v3") ?? "", { limit: 50, mark: "failed" });
        expect(neighbours).toEqual([idOf("v5"), idOf("v0")]);
      });
    });

    describe("what a search shows", () => {
      test("is the newest message that has the words, and where they are in it", async () => {
        await storeExchange(store, { question: "Is the parcel lost?", answer: "Which PARCELS?" });
        await storeExchange(store, { question: "Never mind", answer: "Fine." });
        const { id, found } = await only({ search: "parcel" });
        expect(found).toMatchObject({
          role: "assistant",
          text: "Which PARCELS?",
          marks: [[6, 13]],
        });
        const message = (await store.listMessages(id)).find((each) => each.id === found?.messageId);
        expect(message?.content).toBe("Which PARCELS?");
        expect((await only()).found).toBeUndefined();
      });

      test("is text without Markdown, around the first word", async () => {
        const answer = `# Title\n\n${"word ".repeat(60)}the **Café** in [Rome](https://example.com) ${"more ".repeat(60)}`;
        await storeExchange(store, { question: "Where?", answer });
        const { found } = await only({ search: "rome cafe" });
        expect(found?.text).toStartWith("…word word");
        expect(found?.text).toContain("the Café in Rome more");
        expect(found?.text).toEndWith("…");
        expect(found?.text.length).toBeLessThanOrEqual(202);
        expect(found?.marks.map(([start, end]) => found.text.slice(start, end))).toEqual([
          "Café",
          "Rome",
        ]);
      });

      test("is the source where the words are in what is not shown", async () => {
        const answer = "See [here](https://example.com/prices).";
        await storeExchange(store, { question: "Where?", answer });
        const { found } = await only({ search: "prices" });
        expect(found).toMatchObject({ text: answer, marks: [[31, 37]] });
      });
    });
  },
);
