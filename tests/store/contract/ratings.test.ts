import { describe, expect, test } from "bun:test";

import type { Rating } from "../../../src/conversation/records.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const TODAY = Date.parse("2026-11-23T00:00:00Z");
const GOOD: Rating = { value: "positive", reasons: [], at: NOON + 5 };
const BAD: Rating = {
  value: "negative",
  reasons: ["wrong", "other"],
  comment: "You close at five. ✓ 'quoted' \\",
  at: NOON + 6,
};

async function ratingOf(turnId: string): Promise<Rating | undefined> {
  return (await store.findTurn(turnId))?.answer.rating;
}

async function countsOfToday() {
  return (await store.dailyFigures(TODAY, TODAY))[0]?.ratings;
}

async function ratedDown(): Promise<string[]> {
  const { conversations } = await store.listConversations({ limit: 10, mark: "rated_down" });
  return conversations.map(({ id }) => id);
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a rating", () => {
      test("is read with its answer, wherever that is read, and with no other message", async () => {
        const { turnId, conversationId } = await storeExchange(store);
        expect(await store.rateAnswer(turnId, BAD)).toBe(true);
        expect(await ratingOf(turnId)).toEqual(BAD);
        const expected = [undefined, BAD];
        const messages = await store.listMessages(conversationId);
        expect(messages.map(({ rating }) => rating)).toEqual(expected);
        const after = await store.messagesAfter(conversationId, 0, 10);
        expect(after.map(({ rating }) => rating)).toEqual(expected);
        const exported = await store.exportMessages(0, 10);
        expect(exported.map(({ rating }) => rating)).toEqual(expected);
      });

      test("takes the place of the one before, with its reasons and its comment, and is taken back", async () => {
        const { turnId } = await storeExchange(store);
        await store.rateAnswer(turnId, BAD);
        await store.rateAnswer(turnId, GOOD);
        expect(await ratingOf(turnId)).toEqual(GOOD);
        expect(await store.rateAnswer(turnId, undefined)).toBe(true);
        expect((await store.findTurn(turnId))?.answer).not.toHaveProperty("rating");
      });

      test("is refused for an answer under way, and for one that is not there or hidden", async () => {
        expect(await store.rateAnswer("t_unknown", GOOD)).toBe(false);
        const turn = newTurn();
        const { conversationId } = await begin(store, turn);
        expect(await store.rateAnswer(turn.turnId, GOOD)).toBe(false);
        await store.interruptUnfinishedTurns();
        await store.hideConversation(conversationId, NOON + 1000);
        expect(await store.rateAnswer(turn.turnId, GOOD)).toBe(false);
        await store.restoreConversation(conversationId, NOON);
        expect(await ratingOf(turn.turnId)).toBeUndefined();
      });
    });

    describe("the ratings of a day", () => {
      test("are those of its answers, each counted once, by what it is now", async () => {
        const first = await storeExchange(store, { at: NOON });
        const second = await storeExchange(store, { at: NOON });
        expect(await countsOfToday()).toEqual({ positive: 0, negative: 0 });
        await store.rateAnswer(first.turnId, { ...GOOD, at: NOON + 100_000_000 });
        await store.rateAnswer(first.turnId, GOOD);
        await store.rateAnswer(second.turnId, GOOD);
        expect(await countsOfToday()).toEqual({ positive: 2, negative: 0 });
        await store.rateAnswer(first.turnId, BAD);
        await store.rateAnswer(second.turnId, undefined);
        expect(await countsOfToday()).toEqual({ positive: 0, negative: 1 });
      });

      test("stay when the conversation is erased", async () => {
        const { turnId, conversationId } = await storeExchange(store);
        await store.rateAnswer(turnId, BAD);
        await store.deleteConversation(conversationId);
        expect(await countsOfToday()).toEqual({ positive: 0, negative: 1 });
      });
    });

    describe("the list of what was rated down", () => {
      test("has a conversation for as long as one of its answers is rated down", async () => {
        const first = await storeExchange(store);
        const second = await storeExchange(store, { question: "And on Sundays?" });
        await storeExchange(store, { sessionId: "another" });
        expect(await ratedDown()).toEqual([]);
        await store.rateAnswer(first.turnId, BAD);
        await store.rateAnswer(second.turnId, BAD);
        await store.rateAnswer(second.turnId, GOOD);
        expect(await ratedDown()).toEqual([first.conversationId]);
        await store.rateAnswer(first.turnId, undefined);
        expect(await ratedDown()).toEqual([]);
      });
    });
  },
);
