import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { askAsOwner, readList } from "../support/admin-requests.ts";
import { NOON, storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});

afterEach(() => app.close());

async function sessionsOf(query: Readonly<Record<string, string>> = {}): Promise<string[]> {
  return (await readList(app, query)).conversations.map(({ sessionId }) => sessionId);
}

async function storeConversations(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await storeExchange(app.store, { sessionId: `v${i}`, at: NOON + Math.floor(i / 3) });
  }
}

describe("GET /v1/admin/conversations", () => {
  test("is an empty page while there are no conversations", async () => {
    expect(await readList(app)).toEqual({
      conversations: [],
      total: 0,
      nextCursor: null,
      previousCursor: null,
    });
  });

  test("lists the conversations, the most recently active first, and is not cached", async () => {
    const { conversationId } = await storeExchange(app.store, { sessionId: "a", at: NOON });
    await storeExchange(app.store, { sessionId: "b", question: "Hi", answer: "Ho", at: NOON + 5 });
    const answer = "**Later**, see:\n\n- [here](https://example.com)";
    await storeExchange(app.store, { sessionId: "a", answer, at: NOON + 9 });
    const response = await askAsOwner(app);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      conversations: [
        {
          id: conversationId,
          sessionId: "a",
          createdAt: NOON,
          updatedAt: NOON + 9,
          lastMessage: answer,
          messageCount: 4,
          firstQuestion: "When do you open?",
          lastAnswer: "Later, see: here",
          lastStatus: "complete",
          isUnanswered: false,
          isRatedDown: false,
          isWanted: false,
        },
        {
          id: expect.stringMatching(/^c_[A-Za-z0-9_-]{22}$/),
          sessionId: "b",
          createdAt: NOON + 5,
          updatedAt: NOON + 5,
          lastMessage: "Ho",
          messageCount: 2,
          firstQuestion: "Hi",
          lastAnswer: "Ho",
          lastStatus: "complete",
          isUnanswered: false,
          isRatedDown: false,
          isWanted: false,
        },
      ],
      total: 2,
      nextCursor: null,
      previousCursor: null,
    });
  });

  test("has 100 conversations on a page unless another number is asked for", async () => {
    await storeConversations(205);
    const sizeOf = async (query: Record<string, string>) => (await sessionsOf(query)).length;
    expect(await sizeOf({})).toBe(100);
    expect(await sizeOf({ limit: "1" })).toBe(1);
    expect(await sizeOf({ limit: "200" })).toBe(200);
  });

  test("lists each conversation once when its cursor is followed until it is null", async () => {
    await storeConversations(57);
    const sessions: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query = { limit: "10", ...(cursor === "" ? {} : { cursor }) };
      const page = await readList(app, query);
      expect(page.total).toBe(57);
      sessions.push(...page.conversations.map(({ sessionId }) => sessionId));
      cursor = page.nextCursor;
    }
    expect(sessions).toEqual(Array.from({ length: 57 }, (_, i) => `v${56 - i}`));
  });

  test("applies the filter of a search on every page", async () => {
    for (let i = 0; i < 9; i += 1) {
      const question = i % 2 === 0 ? "a parcel" : "a letter";
      await storeExchange(app.store, { sessionId: `v${i}`, question, at: NOON + i });
    }
    const first = await readList(app, { q: "parcel", limit: "3" });
    expect(first.conversations.map(({ sessionId }) => sessionId)).toEqual(["v8", "v6", "v4"]);
    expect(first.total).toBe(5);
    const query = { q: "parcel", limit: "3", cursor: first.nextCursor ?? "" };
    expect(await sessionsOf(query)).toEqual(["v2", "v0"]);
    expect((await readList(app, query)).nextCursor).toBeNull();
  });

  test("includes a conversation whose first answer is under way", async () => {
    await app.store.beginTurn({
      turnId: "t_1",
      sessionId: "a",
      owner: "",
      question: "Hi?",
      idempotencyKey: undefined,
      model: "m",
      at: NOON,
      history: { messages: 30, tokens: 8000 },
    });
    expect((await readList(app)).conversations[0]).toMatchObject({
      lastMessage: "Hi?",
      messageCount: 2,
    });
  });
});

describe("the query parameter cursor", () => {
  test("leads to the next page and back, where the first one is whole", async () => {
    await storeConversations(5);
    const first = await readList(app, { limit: "2" });
    const second = await readList(app, { limit: "2", cursor: first.nextCursor ?? "" });
    expect(second.total).toBe(5);
    expect(await readList(app, { limit: "2", cursor: second.previousCursor ?? "" })).toEqual(first);
    const longer = await readList(app, { limit: "4", cursor: second.previousCursor ?? "" });
    expect(longer).toEqual(await readList(app, { limit: "4" }));
  });
});

describe("the query parameter mark", () => {
  test("picks out the conversations that have it", async () => {
    await storeExchange(app.store, { sessionId: "a" });
    await storeExchange(app.store, { sessionId: "b", status: "failed" });
    await storeExchange(app.store, { sessionId: "c", status: "stopped" });
    expect(await sessionsOf({ mark: "failed" })).toEqual(["b"]);
    expect(await sessionsOf({ mark: "stopped", q: "open" })).toEqual(["c"]);
    expect(await readList(app, { mark: "unanswered" })).toMatchObject({ total: 0 });
  });
});

describe("the query parameter q", () => {
  beforeEach(async () => {
    await storeExchange(app.store, { sessionId: "a", question: "Where is my parcel?" });
    await storeExchange(app.store, { sessionId: "b", question: "Ist das Café offen?" });
  });

  test.each([
    ["parcel", ["a"]],
    ["my PARC", ["a"]],
    ["parcel where", ["a"]],
    ["cafe", ["b"]],
    ["Café", ["b"]],
    ["parcel OR cafe", []],
    ['"parcel', ["a"]],
    ["parcel*", ["a"]],
    ["100% parcel", []],
    ["lighthouse", []],
    ["?!", []],
    ["👋", []],
  ])("= %p finds %p", async (q, expected) => {
    const list = await readList(app, { q });
    expect(list.conversations.map(({ sessionId }) => sessionId)).toEqual(expected);
    expect(list.total).toBe(expected.length);
  });

  test.each([[""], ["   "]])("= %p does not filter", async (q) => {
    expect(await sessionsOf({ q })).toEqual(["b", "a"]);
  });

  test("reads + as a space, as forms send it", async () => {
    const response = await askAsOwner(app, "?q=my+parcel");
    expect(await response.json()).toMatchObject({ total: 1 });
  });
});

describe("the query parameters from and to", () => {
  const DAYS = ["2026-11-21", "2026-11-22", "2026-11-23"] as const;

  beforeEach(async () => {
    // The first and the last millisecond of each day, in UTC.
    for (const day of DAYS) {
      const start = Date.parse(day);
      await storeExchange(app.store, { sessionId: `${day}-first`, at: start });
      await storeExchange(app.store, { sessionId: `${day}-last`, at: start + 86_399_999 });
    }
  });

  const [FIRST, SECOND, THIRD] = DAYS.map((day) => [`${day}-last`, `${day}-first`]) as [
    string[],
    string[],
    string[],
  ];

  test.each([
    ["a date", { from: "2026-11-22" }, [...THIRD, ...SECOND]],
    ["a date as the end, which includes that day", { to: "2026-11-22" }, [...SECOND, ...FIRST]],
    ["one day", { from: "2026-11-22", to: "2026-11-22" }, SECOND],
    ["a time in UTC", { from: "2026-11-23T00:00:00Z" }, THIRD],
    ["a time without seconds", { from: "2026-11-23T00:00Z" }, THIRD],
    ["a time with milliseconds", { from: "2026-11-23T00:00:00.001Z" }, ["2026-11-23-last"]],
    ["a time with an offset", { from: "2026-11-23T05:30:00+05:30" }, THIRD],
    ["milliseconds", { from: String(Date.parse("2026-11-23")) }, THIRD],
    ["a time as the end, excluded", { to: "2026-11-22T00:00:00Z" }, FIRST],
    ["everything", { from: "0", to: "999999999999999" }, [...THIRD, ...SECOND, ...FIRST]],
  ])("accept %s", async (_, query, expected) => {
    const list = await readList(app, query);
    expect(list.conversations.map(({ sessionId }) => sessionId)).toEqual(expected);
    expect(list.total).toBe(expected.length);
  });
});

describe("a search", () => {
  test("says how many messages it read, and a list without words does not", async () => {
    await storeExchange(app.store, { question: "Where is my parcel?" });
    expect((await readList(app, { q: "parcel" })).searched).toEqual({
      messages: 2,
      matches: 1,
      complete: true,
      wordsLeftOut: 0,
    });
    const long = { q: "営".repeat(200) };
    expect((await readList(app, long)).searched?.wordsLeftOut).toBe(1);
    expect(await readList(app)).not.toHaveProperty("searched");
  });

  test.each([
    ["composed", "한국어".normalize("NFC")],
    ["decomposed", "한국어".normalize("NFD")],
  ])("finds a word that is typed %s, whether it is stored composed or decomposed", async (_, q) => {
    await storeExchange(app.store, { sessionId: "a", question: "한국어 되나요?".normalize("NFC") });
    await storeExchange(app.store, { sessionId: "b", question: "한국어 되나요?".normalize("NFD") });
    expect((await readList(app, { q })).total).toBe(2);
  });
});

describe("an invalid query", () => {
  const VALUE = "secretvalue";

  test.each([
    ["/limit", "limit=0"],
    ["/limit", "limit=201"],
    ["/limit", "limit=-1"],
    ["/limit", "limit=1.5"],
    ["/limit", "limit=1e2"],
    ["/limit", "limit=0x10"],
    ["/limit", "limit="],
    ["/limit", `limit=${VALUE}`],
    ["/cursor", `cursor=${VALUE}`],
    ["/cursor", "cursor="],
    ["/cursor", `cursor=${"a".repeat(129)}`],
    ["/cursor", `cursor=${Buffer.from("1.2.3").toString("base64url")}`],
    ["/cursor", `cursor=${Buffer.from("-1.2").toString("base64url")}`],
    ["/q", `q=${VALUE.repeat(20)}`],
    ["/from", `from=${VALUE}`],
    ["/from", "from="],
    ["/mark", `mark=${VALUE}`],
    ["/mark", "mark=FAILED"],
    ["/mark", "mark="],
    ["/mark", "mark=is_failed"],
    ["/from", "from=2026-13-01"],
    ["/from", "from=2026-02-30"],
    ["/from", "from=2026-11-23T25:00:00Z"],
    ["/from", "from=2026-11-23 10:00"],
    ["/from", "from=23.11.2026"],
    ["/from", "from=yesterday"],
    ["/from", "from=-1"],
    ["/to", `to=${VALUE}`],
    ["/to", "to=2026-00-10"],
    ["/to", "to=2026-11-31"],
    ["/to", "to=2026-02-29T12:00:00Z"],
    ["/to", "to=1e12"],
    ["/to", "from=2026-11-23&to=2026-11-21"],
    ["/to", "from=1000&to=1000"],
    ["", `page=${VALUE}`],
    ["", `${VALUE}=1`],
  ])(
    "gets an error that names %p for %s, and repeats nothing of the query",
    async (path, query) => {
      const response = await askAsOwner(app, `?${query}`);
      expect(response.status).toBe(400);
      const text = await response.text();
      expect(JSON.parse(text)).toEqual({
        error: expect.any(String),
        code: "invalid_request",
        requestId: expect.any(String),
        details: [{ path, message: expect.any(String) }],
      });
      expect(text).not.toContain(VALUE);
    },
  );

  test.each([["q=%E0%A4%A"], ["q=%"], ["q=%ff"], ["q=%00"], ["q=%ed%a0%80"], ["&&&"], ["="]])(
    "that cannot be decoded is no error of the server: %s",
    async (query) => {
      const response = await askAsOwner(app, `?${query}`);
      expect(response.status).toBeLessThan(500);
    },
  );
});

test("without the owner's key, no answer reveals which conversations exist", async () => {
  const { conversationId } = await storeExchange(app.store, { sessionId: "a" });
  const paths = ["", "?limit=x", `/${conversationId}`, "/c_unknown", "/export", "/export?format=x"];
  for (const path of paths) {
    const response = await askAsOwner(app, path, { headers: { "x-admin-api-key": "wrong" } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: "unauthorized" });
  }
  const erased = await askAsOwner(app, `/${conversationId}`, { method: "DELETE", headers: {} });
  expect(erased.status).toBe(401);
  expect((await readList(app)).total).toBe(1);
});
