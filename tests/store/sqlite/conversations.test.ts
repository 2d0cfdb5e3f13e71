import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import type { ConversationFilter } from "../../../src/store/conversation-store.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";

let store: Store;

beforeEach(() => {
  store = openSqliteStore(":memory:");
});

afterEach(() => store.close());

/** The sessions that a filter finds, in the order of the list. */
async function sessionsOf(filter: Partial<ConversationFilter> = {}): Promise<string[]> {
  const { conversations } = await store.listConversations({ limit: 100, ...filter });
  return conversations.map(({ sessionId }) => sessionId);
}

async function totalOf(filter: Partial<ConversationFilter> = {}): Promise<number> {
  return (await store.listConversations({ limit: 1, ...filter })).total;
}

/** Every page from the first to the last, with what each was told. */
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

describe("the list", () => {
  test("is empty at first", async () => {
    expect(await store.listConversations({ limit: 10 })).toEqual({
      conversations: [],
      total: 0,
      nextCursor: undefined,
    });
  });

  test("begins with the conversation that was active last", async () => {
    for (const sessionId of ["a", "b", "c"]) await storeExchange(store, { sessionId, at: NOON });
    await storeExchange(store, { sessionId: "b", at: NOON + 1 });
    expect(await sessionsOf()).toEqual(["b", "c", "a"]);
  });

  test("shows an answer that fills its last page without a page after it", async () => {
    for (const sessionId of ["a", "b"]) await storeExchange(store, { sessionId });
    expect((await store.listConversations({ limit: 2 })).nextCursor).toBeUndefined();
    expect((await store.listConversations({ limit: 1 })).nextCursor).toBeDefined();
  });

  test("is read page by page without a gap or a repeat, also at one and the same time", async () => {
    const count = 523;
    // Times that come in runs of the same, of lengths that no page size divides.
    for (let i = 0; i < count; i += 1) {
      await storeExchange(store, { sessionId: `v${i}`, at: NOON + Math.floor(i / 37) });
    }
    const { sessions, totals, sizes } = await readPages({ limit: 50 });
    expect(sessions).toEqual(Array.from({ length: count }, (_, i) => `v${count - 1 - i}`));
    expect(totals).toEqual([count]);
    expect(sizes).toEqual([...Array.from({ length: 10 }, () => 50), 23]);
  });

  test("with a search and dates is read page by page, too", async () => {
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

  test("with dates is read page by page, also from a cursor that is later than both", async () => {
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

  test("keeps its place when newer conversations come in between two pages", async () => {
    for (const sessionId of ["a", "b", "c", "d"]) await storeExchange(store, { sessionId });
    const first = await store.listConversations({ limit: 2 });
    expect(first.conversations.map(({ sessionId }) => sessionId)).toEqual(["d", "c"]);
    await storeExchange(store, { sessionId: "new", at: NOON + 1 });
    await storeExchange(store, { sessionId: "d", at: NOON + 2 });
    expect(await sessionsOf({ cursor: first.nextCursor })).toEqual(["b", "a"]);
  });

  test("goes on after a conversation that was erased meanwhile", async () => {
    for (const sessionId of ["a", "b", "c"]) await storeExchange(store, { sessionId });
    const first = await store.listConversations({ limit: 2 });
    await store.deleteConversation(first.conversations[1]?.id ?? "");
    expect(await sessionsOf({ cursor: first.nextCursor })).toEqual(["a"]);
  });
});

describe("from and to", () => {
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

  test("look at the last activity, not at the first", async () => {
    await storeExchange(store, { sessionId: "at-0", at: NOON + 600_000 });
    expect(await sessionsOf({ from: NOON + 500_000 })).toEqual(["at-0"]);
    expect(await sessionsOf({ to: NOON + 60_000 })).toEqual([]);
  });
});

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
  ])("finds nothing for %s, and says that it was not looked for", async (_, search) => {
    expect(await store.listConversations({ limit: 10, search })).toMatchObject({
      conversations: [],
      total: 0,
      nextCursor: undefined,
      searched: { isComplete: true, wordsLeftOut: 1 },
    });
  });

  // Read as operators, these would fail or find more.
  test.each([
    ["parcel OR lighthouse"],
    ["parcel AND depot"],
    ["parcel NOT lighthouse"],
    ["NEAR(parcel number)"],
    ["content:parcel"],
    ["rowid:1"],
    ["{content}: parcel"],
    ["lighthouse* OR parcel"],
  ])("takes the operators of FTS5 as words: %s", async (search) => {
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
  ])("takes the signs of FTS5 as punctuation: %p", async (search) => {
    // Cut in two by a quote, it is two words of which one is not there.
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
    await store.finishTurn(turn.turnId, outcome({ content: "A lighthouse", status: "stopped" }));
    expect(await sessionsOf({ search: "lighthouse" })).toEqual(["running"]);
    expect(await sessionsOf({ search: "keeper" })).toEqual([]);
  });

  test("finds a conversation once however often the word occurs in it", async () => {
    for (let i = 0; i < 5; i += 1) {
      await storeExchange(store, { sessionId: "english", question: "parcel parcel parcel" });
    }
    expect(await sessionsOf({ search: "parcel" })).toEqual(["english"]);
    expect(await totalOf({ search: "parcel" })).toBe(1);
  });

  test("is in the order of the list, not of the relevance", async () => {
    await storeExchange(store, { sessionId: "later", question: "parcel", at: NOON + 1 });
    expect(await sessionsOf({ search: "parcel" })).toEqual(["later", "english"]);
  });

  test("takes the longest text that the API lets through", async () => {
    expect(await sessionsOf({ search: "a ".repeat(100) })).toBeArray();
    expect(await sessionsOf({ search: "a".repeat(200) })).toEqual([]);
  });
});

describe("exportMessages", () => {
  test("tells every message once, in the order they were stored", async () => {
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
    expect(first).toMatchObject({ conversationId: a.conversationId, sessionId: "a", role: "user" });
  });
});
