import { beforeEach, describe, expect, test } from "bun:test";

import { DAY_MS } from "../../../src/runtime/time.ts";
import type { ConversationFilter } from "../../../src/store/conversation-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
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

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the search", () => {
      beforeEach(async () => {
        await storeExchange(store, {
          sessionId: "english",
          question: "Where is my PARCEL number 4711?",
          answer: 'It\'s in the depot: AND/OR near the "harbour" (north-west).',
        });
        await storeExchange(store, {
          sessionId: "german",
          question: "Wann öffnet das Café in der Müllerstraße?",
          answer: "Um neun Uhr früh.",
        });
        await storeExchange(store, { sessionId: "french", question: "Où est l’hôtel Élysée ?" });
        await storeExchange(store, { sessionId: "russian", question: "Когда вы открываетесь?" });
        await storeExchange(store, { sessionId: "greek", question: "Πότε ανοίγετε;" });
        await storeExchange(store, { sessionId: "arabic", question: "متى تفتحون المتجر؟" });
        await storeExchange(store, { sessionId: "hindi", question: "दुकान कब खुलती है?" });
        await storeExchange(store, { sessionId: "japanese", question: "営業時間は？ 返品したい" });
        await storeExchange(store, { sessionId: "vietnamese", question: "Mấy giờ mở cửa?" });
      });

      test.each([
        ["a word", "parcel", "english"],
        ["a word of the answer", "depot", "english"],
        ["the beginning of a word", "parc", "english"],
        ["words in any order", "number parcel where", "english"],
        ["beginnings in any order", "num whe parc", "english"],
        ["other capitals", "HARBOUR", "english"],
        ["a number", "4711", "english"],
        ["the beginning of a number", "47", "english"],
        ["a word with punctuation", "north-west", "english"],
        ["a word with an apostrophe", "it's", "english"],
        ["diacritics as written", "Café", "german"],
        ["without the diacritics", "cafe mullerstraße", "german"],
        ["with diacritics that nobody wrote", "parcél", "english"],
        ["combining characters", "Cafe\u0301", "german"],
        ["capital diacritics", "ÉLYSÉE HÔTEL", "french"],
        ["a word after an elided article", "hotel", "french"],
        ["Cyrillic in other capitals", "КОГДА откр", "russian"],
        ["Greek in other capitals", "ΠΌΤΕ", "greek"],
        ["Arabic", "المتجر", "arabic"],
        ["Devanagari", "दुकान", "hindi"],
        ["Devanagari, the beginning", "खुल", "hindi"],
        ["Japanese, the beginning of a run", "営業", "japanese"],
        ["Vietnamese without tones", "cua may", "vietnamese"],
      ])("finds %s", async (_, search, session) => {
        expect(await sessionsOf({ search })).toEqual([session]);
        expect(await totalOf({ search })).toBe(1);
      });

      test.each([
        ["a word that nobody wrote", "lighthouse"],
        ["one of two words", "parcel lighthouse"],
        ["the end of a word", "arcel"],
        ["words of two messages of a conversation", "parcel depot"],
      ])("does not find %s", async (_, search) => {
        expect(await store.listConversations({ limit: 10, search })).toMatchObject({
          conversations: [],
          total: 0,
          nextCursor: undefined,
          searched: { isComplete: true, wordsLeftOut: 0 },
        });
      });

      test.each([
        ["nothing but punctuation", "?! -- \"'*():^ ;"],
        ["a lone diacritic", "\u0301"],
      ])("finds nothing for %s, and says that it left something out", async (_, search) => {
        expect(await store.listConversations({ limit: 10, search })).toMatchObject({
          conversations: [],
          total: 0,
          nextCursor: undefined,
          searched: { isComplete: true, wordsLeftOut: 1 },
        });
      });

      // As operators, these would fail or find more.
      test.each([
        ["parcel OR lighthouse"],
        ["parcel AND depot"],
        ["parcel NOT lighthouse"],
        ["NEAR(parcel number)"],
        ["content:parcel"],
        ["rowid:1"],
        ["{content}: parcel"],
        ["lighthouse* OR parcel"],
      ])("treats operators of query languages as words: %s", async (search) => {
        expect(await sessionsOf({ search })).toEqual([]);
      });

      test.each([
        ['"parcel'],
        ['par"cel"'],
        ["parcel*"],
        ["^parcel"],
        ["-parcel"],
        ["(parcel"],
        ["parcel)"],
        ["+parcel\\"],
        ["parcel;--"],
        ["parcel\0"],
      ])("treats signs of query languages as punctuation: %p", async (search) => {
        // The quote cuts it into two words, one of which is in no message.
        const isCut = search === 'par"cel"';
        expect(await sessionsOf({ search })).toEqual(isCut ? [] : ["english"]);
      });

      test("finds words that are written like operators", async () => {
        expect(await sessionsOf({ search: "and or near" })).toEqual(["english"]);
      });

      test("finds an answer only once it has ended", async () => {
        const turn = newTurn({ sessionId: "running", question: "Tell me" });
        await store.beginTurn(turn);
        await store.saveDrafts([{ turnId: turn.turnId, content: "A lighthouse" }]);
        await store.saveDrafts([{ turnId: turn.turnId, content: "A lighthouse keeper" }]);
        expect(await sessionsOf({ search: "lighthouse" })).toEqual([]);
        expect(await sessionsOf({ search: "tell" })).toEqual(["running"]);
        await store.finishTurn(
          turn.turnId,
          outcome({ content: "A lighthouse", status: "stopped" }),
        );
        expect(await sessionsOf({ search: "lighthouse" })).toEqual(["running"]);
        expect(await sessionsOf({ search: "keeper" })).toEqual([]);
      });

      test("finds what is old with a last day, whatever has been written since", async () => {
        for (let n = 0; n < 40; n += 1) {
          await storeExchange(store, {
            sessionId: `v${n}`,
            question: "parcel",
            at: NOON + n * DAY_MS,
          });
        }
        const to = NOON + 10 * DAY_MS + 1;
        const page = await store.listConversations({ limit: 1, search: "parcel", to });
        expect(page).toMatchObject({ total: 12, searched: { matches: 12, isComplete: true } });
        expect(page.conversations[0]?.sessionId).toBe("v10");
        expect(await totalOf({ search: "parcel", to: NOON - 1 })).toBe(0);
      });

      test("finds a conversation once however often the word occurs in it", async () => {
        for (let i = 0; i < 5; i += 1) {
          await storeExchange(store, { sessionId: "english", question: "parcel parcel parcel" });
        }
        expect(await sessionsOf({ search: "parcel" })).toEqual(["english"]);
        expect(await totalOf({ search: "parcel" })).toBe(1);
      });

      test("returns conversations in the order of the list, not by relevance", async () => {
        await storeExchange(store, { sessionId: "later", question: "parcel", at: NOON + 1 });
        expect(await sessionsOf({ search: "parcel" })).toEqual(["later", "english"]);
      });

      test("accepts the longest text that the API allows", async () => {
        expect(await sessionsOf({ search: "a ".repeat(100) })).toBeArray();
        expect(await sessionsOf({ search: "a".repeat(200) })).toEqual([]);
      });
    });
  },
);
