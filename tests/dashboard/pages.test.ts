import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { silence, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import type { Searched } from "../../src/store/conversation-store.ts";
import { expectPage, textsOf } from "../support/dashboard-pages.ts";
import { expectErrorPage, openDashboard } from "../support/dashboard-requests.ts";
import { knownReplicas } from "../support/known-replicas.ts";
import { addSource } from "../support/stored-knowledge.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../support/stored-turns.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  DASHBOARD_PASSWORD,
  METRICS_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

type Owner = Awaited<ReturnType<typeof openDashboard>>;

let app: TestApp;
let owner: Owner;

async function start(options: Parameters<typeof createTestApp>[0] = {}): Promise<void> {
  await app?.close();
  app = createTestApp(options);
  owner = await openDashboard(app);
}

beforeEach(async () => {
  app = createTestApp();
  owner = await openDashboard(app);
});
afterEach(() => app.close());

const DAY_MS = 24 * 60 * 60 * 1000;

describe("the overview", () => {
  test("of an empty server says what to do", async () => {
    const answer = await owner.get("/dashboard");
    expectPage(answer);
    expect(answer.body).toContain("No conversations yet");
    expect(await textsOf(answer.body, "h3")).toHaveLength(9);
    expect(await textsOf(answer.body, ".figure")).toEqual([]);
  });

  test("shows the figures of 30 days, including days without any", async () => {
    const now = app.clock.now();
    await storeExchange(app.store, { sessionId: "a", at: now - 29 * DAY_MS });
    await storeExchange(app.store, { sessionId: "b", at: now - 30 * DAY_MS });
    await storeExchange(app.store, { sessionId: "a", at: now });
    await storeExchange(app.store, { sessionId: "c", at: now, status: "failed", answer: "" });
    const { body } = await owner.get("/dashboard");
    expect(await textsOf(body, ".headline")).toEqual(["2", "6", "0", "33%", "12 ms", "–"]);
    const rows = await textsOf(body, "tbody tr");
    expect(rows[0]).toMatch(/^23 Nov 14050%12 ms–$/);
    expect(rows[1]).toBe("22 Nov 000–––");
    expect(rows[29]).toBe("25 Oct 1200%12 ms–");
  });

  test("draws how many answers stand on the owner's pages, and names sources that could not be read", async () => {
    expect((await owner.get("/dashboard")).body).not.toContain("Answers from your pages");
    for (const grounding of ["cited", "cited", "cited", "none"] as const) {
      const turn = newTurn();
      await begin(app.store, turn);
      await app.store.finishTurn(turn.turnId, outcome({ grounding, sources: [] }));
    }
    const { id } = await addSource(app.store, { nextAt: undefined });
    const end = { owner: "reader", at: NOON, nextAt: undefined };
    await app.store.endSource(id, { ...end, error: "The website did not answer." });
    const { body } = await owner.get("/dashboard");
    expect(body).toContain("75% <small>of these answers name a source");
    expect(await textsOf(body, ".legend li")).toEqual([
      "3 named a source",
      "0 had sources but named none",
      "1 not on your pages",
      "0 nothing on your pages fitted",
    ]);
    expect(body).toContain("1 source could not be read last time");
  });

  test("counts the answers under way, however many read them, and none once they have ended", async () => {
    const model = startModelServer(silence);
    await start({ modelUrl: model.url });
    const now = async () => (await textsOf((await owner.get("/dashboard")).body, ".now"))[0];
    expect(await now()).toBe("0 answering now");
    const body = { sessionId: "visitor", message: "Hi" };
    const ask = () =>
      app.fetch("/v1/chat/stream", chatRequest(body, { "idempotency-key": "once" }));
    const readers = [followBody(await ask()), followBody(await ask())];
    expect(await now()).toBe("1 answering now");
    (await model.call(0)).finish();
    await Promise.all(readers.map((reader) => reader.end()));
    expect(await now()).toBe("0 answering now");
    await model.stop();
  });

  test("draws the chosen figure over the chosen days, and describes its shape in words", async () => {
    await storeExchange(app.store, { at: app.clock.now() });
    const { body } = await owner.get("/dashboard?days=7&figure=messages");
    expect((await textsOf(body, "#shape"))[0]).toStartWith(
      "7 days, from 17 Nov to 23 Nov. The highest is 2 on 23 Nov.",
    );
    expect(await textsOf(body, "[aria-current=true]")).toEqual(["Messages 2", "7 days"]);
    const points = Array.from(
      body.matchAll(/role="img"\s+aria-label="([^"]+)"/g),
      ([, name]) => name,
    );
    expect(points).toHaveLength(7);
    expect(points.slice(-2)).toEqual(["Sun 22 Nov: 0", "Today, so far: 2"]);
    const failed = (await owner.get("/dashboard?days=90&figure=failed")).body;
    expect((await textsOf(failed, "#shape"))[0]).toContain("to 23 Nov. Nothing yet.");
  });

  test("compares the days with as many before them", async () => {
    const now = app.clock.now();
    for (const days of [0, 29, 30, 59, 60]) {
      await storeExchange(app.store, { sessionId: `visitor-${days}`, at: now - days * DAY_MS });
    }
    await storeExchange(app.store, { sessionId: "visitor-1", at: now - DAY_MS, status: "failed" });
    const changes = async (query: string) =>
      textsOf((await owner.get(`/dashboard?${query}`)).body, ".change");
    const than = "than in the 30 days before";
    expect(await changes("days=30")).toEqual([
      `▲ 50% more ${than}`,
      `▲ 50% more ${than}`,
      `▲ 33.3 points more ${than}`,
      `no change from the 30 days before`,
    ]);
    // Nothing to compare with.
    expect(await changes("days=7")).toEqual([]);
  });

  test("takes the median of all answers of the period, and not of its days", async () => {
    const now = app.clock.now();
    for (const [daysAgo, firstTokenMs] of [
      [40, 100],
      [2, 900],
      [1, 200],
      [1, 200],
      [0, 400],
      [0, 900],
    ] as const) {
      const at = now - daysAgo * DAY_MS;
      const turn = newTurn({ sessionId: `visitor-${daysAgo}`, at });
      await begin(app.store, turn);
      await app.store.finishTurn(turn.turnId, outcome({ firstTokenMs, at }));
    }
    const { body } = await owner.get("/dashboard?figure=first-token");
    expect((await textsOf(body, "[aria-current=true]"))[0]).toBe(
      "Time to first word 400 ms ▲ 300% more than in the 30 days before",
    );
  });

  test.each(["days=8", "days=", "figure=money", "days=30%0a"])(
    "refuses what it does not know: %p",
    async (query) => expectErrorPage(await owner.get(`/dashboard?${query}`), "invalid_request"),
  );

  test("lists the latest conversations by what was asked first, and says which answer failed", async () => {
    const now = app.clock.now();
    await storeExchange(app.store, { sessionId: "a", question: "First?", at: now });
    await storeExchange(app.store, { sessionId: "a", question: "<b>Second</b>?", at: now + 1 });
    await storeExchange(app.store, {
      sessionId: "b",
      question: "<b>Why</b>?",
      answer: "",
      status: "failed",
      at: now + 2,
    });
    const { body } = await owner.get("/dashboard");
    expect(await textsOf(body, ".latest li")).toEqual([
      "&lt;b&gt;Why&lt;/b&gt;? failed 2 messages just now",
      "First? 4 messages just now",
    ]);
    expect(body).toContain('href="/dashboard/conversations?mark=failed&amp;from=2026-11-23"');
  });

  test("lists what needs the owner, with where he does something about it", async () => {
    const now = app.clock.now();
    expect(await textsOf((await owner.get("/dashboard")).body, ".need")).toEqual([]);
    await storeExchange(app.store, { status: "failed", answer: "", at: now });
    for (const question of ["Is it <i>red</i>?", "One?", "Two?", "Three?"]) {
      const turn = newTurn({ question, at: now });
      await begin(app.store, turn);
      await app.store.finishTurn(turn.turnId, outcome({ grounding: "none", sources: [], at: now }));
    }
    const { body } = await owner.get("/dashboard");
    expect(await textsOf(body, ".need")).toEqual([
      "1 answer failed today. Find out why",
      "Getting started: 2 of 5 done. Next: choose a model",
      "Without a good answer: Three? Write the answer",
      "Without a good answer: Two? Write the answer",
      "Without a good answer: One? Write the answer",
      "There are more questions without a good answer. See all",
    ]);
    expect(body).not.toContain("<i>");
  });
});

describe("the list of conversations", () => {
  test("shows the newest first, a page at a time, with a link to the older ones", async () => {
    const now = app.clock.now();
    for (let i = 0; i < 120; i++) {
      await storeExchange(app.store, { sessionId: `visitor-${i}`, at: now + i });
    }
    const seen: string[] = [];
    let path: string | undefined = "/dashboard/conversations";
    const lives: boolean[] = [];
    while (path !== undefined) {
      const answer = await owner.get(path);
      expectPage(answer);
      seen.push(...(await textsOf(answer.body, ".list .who")));
      lives.push(answer.body.includes(`data-live="conversations"`));
      path = /href="([^"]+)" rel="next"/.exec(answer.body)?.[1]?.replaceAll("&amp;", "&");
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => `visitor-${119 - i}`));
    expect(lives).toEqual([true, false, false]);
  });

  test("of a search is not live, because each new message would repeat the search", async () => {
    await storeExchange(app.store, { question: "Where is my parcel?" });
    const answer = await owner.get("/dashboard/conversations?q=parcel");
    expectPage(answer);
    expect(answer.body).not.toContain("data-live");
    expect(answer.body).toContain("1 conversation found in all messages");
    expect(answer.body).not.toContain("Searched the newest");
  });

  test("of a search with too many words says that some were not looked for", async () => {
    const words = Array.from({ length: 20 }, (_, n) => `word${n}`).join("+");
    const answer = await owner.get(`/dashboard/conversations?q=${words}`);
    expect(answer.body).toContain("Some of it was not searched for");
  });

  test.each<[Partial<Searched>, string]>([
    [{ messages: 1234 }, "Searched the newest 1,234 messages."],
    [{ messages: 1234, isBuilding: true }, "Searched only the newest 1,234 messages: the search"],
    [{ messages: 0, isBuilding: true }, "No message was searched yet. The search index is being"],
    [{ messages: 0 }, "No message was searched yet. The database had no time for it"],
  ])(
    "of a search that was cut short, at %o, says how many messages were looked at",
    async (cut, text) => {
      const { listConversations } = app.store;
      const searched = { messages: 0, isComplete: false, matches: 0, wordsLeftOut: 0, ...cut };
      app.store.listConversations = async (filter) => ({
        ...(await listConversations.call(app.store, filter)),
        searched,
      });
      const { body } = await owner.get("/dashboard/conversations?q=parcel");
      expect(body).toContain(text);
      expect(body).toContain("No matches so far.");
      expect(body).not.toContain("/dashboard/export");
    },
  );

  test("can be searched by words and days, and keeps what was typed", async () => {
    const now = app.clock.now();
    await storeExchange(app.store, {
      sessionId: "b",
      question: "A red parcel",
      at: now - 5 * DAY_MS,
    });
    await storeExchange(app.store, { sessionId: "a", question: "A blue parcel", at: now });
    const found = async (query: string) =>
      textsOf((await owner.get(`/dashboard/conversations?${query}`)).body, ".list .who");
    expect(await found("q=parcel")).toEqual(["a", "b"]);
    expect(await found("q=blue+parcel")).toEqual(["a"]);
    expect(await found("q=parcel&to=2026-11-20")).toEqual(["b"]);
    expect(await found("from=2026-11-20")).toEqual(["a"]);
    expect(await found("q=%3Cnothing%3E")).toEqual([]);
    const { body } = await owner.get("/dashboard/conversations?q=%22%3E%3Czz%3E&from=2026-11-01");
    expect(body).toContain('value="&quot;&gt;&lt;zz&gt;"');
    expect(body).toContain('value="2026-11-01"');
    expect(body).toContain("No matches");
  });

  test.each([
    ["from=soon", "Not a date"],
    ["from=2026-02-30", "Not a date"],
    ["to=%3Cscript%3E", "Not a date"],
    ["from=2026-11-23&to=2026-11-20", "before the first day"],
    [`q=${"x".repeat(201)}`, "Longer than 200 characters"],
    ["cursor=%22%3E%3Cscript%3E", "is not one of this list"],
    ["cursor=AAAA", "is not one of this list"],
  ])("says beside the field what is wrong with %p", async (query, problem) => {
    const answer = await owner.get(`/dashboard/conversations?${query}&unknown=1`);
    expectPage(answer, 400);
    expect((await textsOf(answer.body, "[role=alert]")).join(" ")).toContain(problem);
    const typed = new URLSearchParams(query).get("q");
    if (typed !== null) expect(answer.body).toContain(`value="${typed}"`);
    expect(answer.body).not.toContain("<script>");
  });

  test("lets nobody type so much that its address is too long to be sent", async () => {
    const { body } = await owner.get("/dashboard/conversations");
    const length = Number(/type="search"[^>]*maxlength="(\d+)"/.exec(body)?.[1]);
    const { host, origin } = new URL(app.listen());
    const q = encodeURIComponent("注".repeat(length));
    const headers = { cookie: owner.cookie, host };
    const response = await fetch(`${origin}/dashboard/conversations?q=${q}`, { headers });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("Longer than 200 characters");
  });
});

const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</p></li></ol></main><h1>Owned</h1>",
  "<!-- ${html} {{template}} -->",
  "javascript:alert(1)",
  "\u202e\u2066 right to left \u0000 \ud800",
  "&lt;b&gt; &amp;",
  "x".repeat(4000),
];

describe("hostile text", () => {
  test.each(HOSTILE)("in a message or a name stays text: %p", async (text) => {
    const question = text.toWellFormed();
    await storeExchange(app.store, { sessionId: "visitor", question, answer: question });
    const { conversations } = await app.store.listConversations({ limit: 1 });
    const list = await owner.get("/dashboard/conversations");
    const thread = await owner.get(`/dashboard/conversations/${conversations[0]?.id}`);
    for (const answer of [list, thread]) {
      expectPage(answer);
      expect(answer.body.match(/<h1/g)).toHaveLength(1);
      expect(answer.body.match(/<script/g)).toHaveLength(answer === list ? 1 : 2);
      expect(answer.body).not.toContain("<img src=x");
    }
    const escaped = question
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;");
    expect(thread.body).toContain(`<p class="content" dir="auto">${escaped}</p>`);
  });
});

describe("a thread", () => {
  test("shows for every answer when it came, how long it took and how it ended", async () => {
    const turn = newTurn({ question: "Where?" });
    const { conversationId } = await begin(app.store, turn);
    const usage = { promptTokens: 1200, completionTokens: 34, totalTokens: 1234 };
    const end = {
      content: "Here.",
      usage,
      finishReason: "length",
      firstTokenMs: 1234,
      durationMs: 65_432,
    } as const;
    await app.store.finishTurn(turn.turnId, outcome(end));
    await storeExchange(app.store, { question: "And now?", answer: "", status: "failed" });
    const { body } = await owner.get(`/dashboard/conversations/${conversationId}`);
    const [question, answer, , failed] = await textsOf(body, ".message");
    expect(question).toBe("Visitor 12:00 Where?");
    expect(answer).toBe(
      "Answer 12:00 cut at the length limit Details test-model 1,200 tokens read 34 written first token after 1.2 s 65.4 s in all Here.",
    );
    expect(failed).toStartWith("Answer 12:00 failed");
    expect(body).toContain("4 messages, 1,234 tokens");
  });

  test("shows the passages that an answer names, and those that it was given besides", async () => {
    const turn = newTurn({ question: "To Norway?" });
    const { conversationId } = await begin(app.store, turn);
    const sources = [
      {
        number: 1,
        title: "<b>Shipping</b>",
        heading: "Outside the EU",
        url: "https://shop.example/shipping?a=1&b=2#eu",
        isCited: true,
      },
      { number: 2, title: "A note", heading: "", url: undefined, isCited: false },
    ];
    await app.store.finishTurn(turn.turnId, outcome({ grounding: "cited", sources }));
    const unanswered = newTurn({ question: "To Mars?" });
    await begin(app.store, unanswered);
    await app.store.finishTurn(unanswered.turnId, outcome({ grounding: "none", sources: [] }));
    const { body } = await owner.get(`/dashboard/conversations/${conversationId}`);
    expect(await textsOf(body, ".sources > ul > li")).toEqual([
      "[1] &lt;b&gt;Shipping&lt;/b&gt; › Outside the EU",
    ]);
    expect(body).toContain(
      '<a href="https://shop.example/shipping?a=1&amp;b=2#eu" rel="noopener noreferrer" target="_blank">',
    );
    expect(await textsOf(body, ".sources details")).toEqual([
      "1 other passage that the model was given [2] A note",
    ]);
    expect(await textsOf(body, ".thread .badge.unanswered")).toEqual(["not in the sources"]);
  });

  test("of large answers is also shown in parts, and every message is in one of them", async () => {
    let id = "";
    for (let i = 0; i < 12; i++) {
      const exchange = { question: `number ${i}`, answer: "x".repeat(100_000) };
      ({ conversationId: id } = await storeExchange(app.store, exchange));
    }
    let path: string | undefined = `/dashboard/conversations/${id}`;
    const shown: number[] = [];
    while (path !== undefined) {
      const { body }: { body: string } = await owner.get(path);
      expect(body.length).toBeLessThan(700_000);
      shown.push((await textsOf(body, ".message")).length);
      path = /href="([^"]+)">Older</.exec(body)?.[1];
    }
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.reduce((sum, count) => sum + count, 0)).toBe(24);
  });

  test("that is very long is shown in parts, the newest first", async () => {
    let id = "";
    for (let i = 0; i < 260; i++) {
      ({ conversationId: id } = await storeExchange(app.store, { question: `number ${i}` }));
    }
    const path = `/dashboard/conversations/${id}`;
    const newest = (await owner.get(path)).body;
    expect(await textsOf(newest, ".message")).toHaveLength(500);
    expect(await textsOf(newest, ".notice")).toEqual(["The newest 500 of 520 messages. Older"]);
    const [, older = ""] = /href="([^"]+)">Older</.exec(newest) ?? [];
    const rest = (await owner.get(older)).body;
    expect(await textsOf(rest, ".message")).toHaveLength(20);
    expect(await textsOf(rest, ".notice")).toEqual([
      "An older part, 20 of 520 messages. The newest",
    ]);
    expect(rest).toContain("number 9");
    expect(rest).not.toContain("number 10<");
    expect(rest).toContain(`href="${path}">The newest</a>`);
    // A part that does not change needs no live updates.
    expect(newest).toContain("data-live=");
    expect(rest).not.toContain("data-live=");
    expectErrorPage(await owner.get(`${path}?before=x`), "invalid_request");
  });

  test("of exactly as many messages as fit in a part is one part", async () => {
    let id = "";
    for (let i = 0; i < 250; i++) ({ conversationId: id } = await storeExchange(app.store));
    const { body } = await owner.get(`/dashboard/conversations/${id}`);
    expect(await textsOf(body, ".message")).toHaveLength(500);
    expect(await textsOf(body, ".notice")).toEqual([]);
  });

  test("that does not exist is a page that says so", async () => {
    for (const id of ["c_unknown", "%00", "..%2f.."]) {
      const answer = await owner.get(`/dashboard/conversations/${id}`);
      expectErrorPage(answer, "not_found");
    }
  });

  test("is deleted by its form", async () => {
    const { conversationId } = await storeExchange(app.store);
    const { conversationId: other } = await storeExchange(app.store, { sessionId: "other" });
    const path = `/dashboard/conversations/${conversationId}`;
    const answer = await owner.post(`${path}/delete`);
    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      `/dashboard/conversations?done=deleted&id=${conversationId}`,
    ]);
    const gone = await owner.get(path);
    expectErrorPage(gone, "not_found");
    expect(gone.body).toContain("This conversation was deleted");
    expect((await owner.get("/dashboard/nothing")).body).not.toContain("This conversation");
    expectErrorPage(await owner.post(`${path}/delete`), "not_found");
    expectPage(await owner.get(`/dashboard/conversations/${other}`));
    expectErrorPage(
      await owner.post(`${path}/delete`, { formToken: owner.formToken, more: "x" }),
      "invalid_request",
    );
  });

  test("is restored after its deletion for half a minute, and then erased", async () => {
    const { conversationId } = await storeExchange(app.store);
    const path = `/dashboard/conversations/${conversationId}`;
    const undo = async () => {
      const { headers } = await owner.post(`${path}/delete`);
      const notice = await owner.get(headers.get("location") ?? "");
      const [, action = ""] = /action="([^"]+\/restore)"/.exec(notice.body) ?? [];
      return () => owner.post(action);
    };
    const restored = await (await undo())();
    expect(restored.headers.get("location")).toBe("/dashboard/conversations?done=restored");
    expectPage(await owner.get(path));

    const tooLate = await undo();
    app.clock.advance(30_000);
    expect((await tooLate()).headers.get("location")).toBe("/dashboard/conversations?done=gone");
    const list = await owner.get("/dashboard/conversations?done=gone");
    expect(list.body).toContain("It is too late to undo this.");
    expectErrorPage(await owner.get(path), "not_found");
    expect(await app.store.eraseHidden(app.clock.now())).toBe(true);
    expect(await app.store.eraseHidden(app.clock.now())).toBe(false);
  });
});

describe("the export of the dashboard", () => {
  test("is what the admin API exports, opened by the session", async () => {
    await storeExchange(app.store, { question: "=1+1" });
    for (const format of ["ndjson", "csv"]) {
      const answer = await owner.get(`/dashboard/export?format=${format}`);
      const path = `/v1/admin/conversations/export?format=${format}`;
      const same = await app.fetch(path, { headers: { "x-admin-api-key": ADMIN_KEY } });
      expect(answer.body).toBe(await same.text());
      expect(answer.headers.get("content-disposition")).toContain(`.${format}"`);
    }
    expectErrorPage(await owner.get("/dashboard/export?format=xml"), "invalid_request");
  });
});

describe("the setup page", () => {
  test("has the tag to copy, with the public address and the first key", async () => {
    await start({ env: { PUBLIC_URL: "https://chat.example.com/" } });
    const answer = await owner.get("/dashboard/setup");
    expectPage(answer);
    const [current, react, next, vue, wordpress, pinned = ""] = await textsOf(answer.body, "pre");
    expect(pinned).toMatch(
      /^&lt;script src=&quot;https:\/\/chat\.example\.com\/widget\/chat-widget\.\w+\.js&quot; integrity=&quot;sha/,
    );
    expect(current).toBe(
      `&lt;script src=&quot;https://chat.example.com/widget/chat-widget.js&quot; data-api-key=&quot;${WIDGET_KEY}&quot; defer &gt;&lt;/script&gt;`,
    );
    expect(wordpress).toBe(current);
    for (const other of [react, next, vue]) {
      expect(other).toContain("https://chat.example.com/widget/chat-widget.js");
      expect(other).toContain(WIDGET_KEY);
    }
    expect(answer.body).toContain('<script type="module" src="/widget/chat-porch.js"></script>');
  });

  test("puts the options into the tag and the preview, and keeps what was typed", async () => {
    const query = new URLSearchParams({
      title: `"Ask" <us>`,
      accent: "#123abc",
      position: "left",
      lang: "de",
      theme: "auto",
      notice: "off",
      privacyUrl: "https://example.com/privacy",
    });
    const answer = await owner.get(`/dashboard/setup?${query}`);
    expectPage(answer);
    expect(answer.body).toMatch(
      /<chat-porch\s+api-key="[^"]+"\s+heading="&quot;Ask&quot; &lt;us&gt;" notice="off" privacy-url="https:\/\/example.com\/privacy" accent-color="#123abc" lang="de"/,
    );
    const [tag] = await textsOf(answer.body, "pre");
    expect(tag).toContain("data-lang=&quot;de&quot; data-position=&quot;left&quot;");
    expect(tag).not.toContain("data-theme");
    expect(answer.body).toContain('value="&quot;Ask&quot; &lt;us&gt;"');
    // Escaped twice, because the text to copy is HTML itself.
    expect(answer.body).toContain(
      "data-title=&quot;&amp;quot;Ask&amp;quot; &amp;lt;us&amp;gt;&quot;",
    );
  });

  test.each([
    ["accent=red", "Not a colour"],
    ["accent=%23123;}", "Not a colour"],
    ["privacyUrl=http%3A%2F%2Fexample.com", "It begins with https://"],
    ["privacyUrl=https%3A%2F%2F", "It begins with https://"],
    [`notice=${"x".repeat(301)}`, "Longer than 300"],
    ["position=top", "Choose one from the list"],
    ["theme=%3Cscript%3E", "Choose one from the list"],
    ["lang=xx", "Choose one from the list"],
    ["zIndex=1e9", "A whole number"],
    [`title=${"x".repeat(301)}`, "Longer than 300"],
  ])("says what is wrong with %p, and leaves it out of the tag", async (query, problem) => {
    const answer = await owner.get(`/dashboard/setup?${query}`);
    expectPage(answer, 400);
    expect(await textsOf(answer.body, "[role=alert]")).toEqual([expect.stringContaining(problem)]);
    expect(answer.body).not.toMatch(/data-(?:title|notice|privacy|accent|position|theme|lang|z-)/);
    const [value = ""] = [...new URLSearchParams(query).values()];
    expect(answer.body).toContain(value.replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
  });

  test("shows the settings, and of secrets only that they are set", async () => {
    await start({
      env: {
        OPENAI_API_KEY: "sk-upstream-secret",
        OPENAI_BASE_URL: "https://models.example.com/v1?key=query-secret",
        OPENAI_HEADERS: "x-gateway: header-secret",
        CORS_ORIGIN: "https://www.example.com,https://*.example.org",
      },
    });
    const { body } = await owner.get("/dashboard/setup");
    for (const secret of [ADMIN_KEY, METRICS_KEY, DASHBOARD_PASSWORD, "-secret", owner.cookie]) {
      expect(body).not.toContain(secret);
    }
    const shown = (await textsOf(body, ".settings div")).join("\n");
    expect(shown).toContain("OPENAI_BASE_URL https://models.example.com/v1");
    expect(shown).toContain("OPENAI_API_KEY set (not shown)");
    expect(shown).toContain("OPENAI_HEADERS x-gateway (values not shown)");
    expect(shown).toContain("OPENAI_REASONING_EFFORT not sent");
    expect(shown).toContain("ADMIN_API_KEY 2 keys (not shown)");
    expect(shown).toContain("METRICS_KEY 2 keys (not shown)");
    expect(shown).toContain("CORS_ORIGIN https://www.example.com, https://*.example.org");
  });

  test("folds away the settings that are at their defaults", async () => {
    await start({ env: { MAX_OUTPUT_TOKENS: "77", CORS_ORIGIN: "https://shop.example" } });
    const { body } = await owner.get("/dashboard/setup");
    const [changed = "", atDefault = ""] = body.split('<details id="defaults">');
    expect(changed).toContain("MAX_OUTPUT_TOKENS");
    expect(changed).not.toContain("RETENTION_DAYS");
    expect(atDefault).toContain("RETENTION_DAYS");
  });

  test.each([
    ["https://www.example.com/a?b", "✓ https://www.example.com may use the chat."],
    ["www.example.com", "✓ https://www.example.com may use the chat."],
    ["http://www.example.com", "http://www.example.com may not use the chat."],
    ["<b>.example", "This is not the address of a website."],
    ["shop", "This is not the address of a website."],
    ["javascript:alert(1)", "This is not the address of a website."],
    [`https://${"x".repeat(300)}.example`, "This is not the address of a website."],
  ])("says whether a website may use the chat: %p", async (site, expected) => {
    await start({ env: { CORS_ORIGIN: "https://www.example.com" } });
    const { body } = await owner.get(`/dashboard/setup?${new URLSearchParams({ site })}`);
    expect((await textsOf(body, "#check [role=status]"))[0]).toStartWith(expected);
  });

  test("says whether the widget was seen on a website, or refused there", async () => {
    await start({ env: { CORS_ORIGIN: "https://www.example.com" } });
    const check = async (site: string) => {
      const { body } = await owner.get(`/dashboard/setup?${new URLSearchParams({ site })}`);
      return (await textsOf(body, "#check [role=status]"))[0];
    };
    const ask = (origin: string) => app.fetch("/v1/chat", { method: "POST", headers: { origin } });
    expect(await check("www.example.com")).toContain("has not been seen there yet");
    await ask("https://www.example.com");
    expect(await check("www.example.com")).toContain("✓ The widget is there.");
    await ask("https://shop.example");
    expect(await check("shop.example")).toContain("It tried 1 time, the last time on 23 Nov 2026");
    expect(await check("shop.example")).toContain("Change it there, and restart the server.");
    app.clock.advance(DAY_MS + 60_000);
    owner = await openDashboard(app);
    expect(await check("www.example.com")).toContain(
      "may use the chat. The widget was there. It was last seen on 23 Nov 2026",
    );
  });

  test("allows the website that was checked with one button", async () => {
    await start({ env: { CORS_ORIGIN: "" } });
    await owner.post("/dashboard/settings/websites", {
      formToken: owner.formToken,
      action: "allow",
      website: "www.example.com",
    });
    const { body } = await owner.get("/dashboard/setup?site=shop.example/lamps");
    const [, path = "", fields = ""] =
      /id="check"[^]*?<form method="post" action="([^"]+)">([^]*?)<\/form>/.exec(body) ?? [];
    expect(fields).toContain('name="website" value="https://shop.example"');
    const sent = { formToken: owner.formToken, action: "allow", website: "https://shop.example" };
    expect((await owner.post(path, sent)).headers.get("location")).toEndWith("?done=allowed");
    const after = await owner.get("/dashboard/setup?site=shop.example");
    expect((await textsOf(after.body, "#check [role=status]"))[0]).toStartWith(
      "✓ https://shop.example may use the chat.",
    );
  });

  test("names no replicas while the server is alone", async () => {
    expect((await owner.get("/dashboard/setup")).body).not.toContain("Replicas");
  });

  test("names the replicas, marks the one that answers and the one that does not hear it", async () => {
    await start({ peers: knownReplicas({ "host-a": true, "<b>": false }) });
    const { body } = await owner.get("/dashboard/setup");
    const [first, second] = await textsOf(body, ".settings div");
    expect(first).toBe("host-a host-a.1 chatporch 1.2.3, since 20 Nov 2026, 00:00 UTC this one");
    expect(second).toBe(
      "&lt;b&gt; &lt;b&gt;.1 chatporch 1.2.3, since 21 Nov 2026, 00:00 UTC does not hear this one",
    );
    expect(body).toMatch(
      /2 replicas share a PostgreSQL database of [\d.]+ MB\.\s+Redis connects them\./,
    );
  });

  test.each([
    [undefined, "Without REDIS_URL"],
    [false, "This one does not reach Redis"],
  ])("says of replicas whose bus is up: %p, what that means", async (isReached, says) => {
    await start({ peers: knownReplicas({ a: isReached, b: isReached }) });
    const { body } = await owner.get("/dashboard/setup");
    expect(body).toContain(says);
    expect(body).not.toContain("does not hear this one");
  });

  test("warns of settings that are fit for development only", async () => {
    const DEVELOPMENT_KEY = "dev_k5R8zQ1mW7xT3vB9nC4pL6s2";
    await start({ env: { CORS_ORIGIN: "*", WIDGET_API_KEY: DEVELOPMENT_KEY } });
    const warnings = async () => (await owner.get("/dashboard/setup")).body;
    for (const word of ["demo model", "CORS_ORIGIN is *", "made for development", "NODE_ENV"]) {
      expect(await warnings()).toContain(word);
    }
    expect(await warnings()).not.toContain("TRUST_PROXY.");
  });

  test("repeats the warnings of the start: a typo, and a wildcard over everybody's websites", async () => {
    await start({ env: { CORS_ORIGINS: "x", CORS_ORIGIN: "https://*.github.io" } });
    const { body } = await owner.get("/dashboard/setup");
    expect(body).toContain("CORS_ORIGINS is not a setting. Did you mean CORS_ORIGIN?");
    expect(body).toContain("https://*.github.io, where anybody can have a website");
  });

  test("and the overview warn of a model that its provider shuts down within 90 days", async () => {
    let endsAt = 0;
    await start({
      env: { OPENAI_API_KEY: "sk-upstream-q7Xw2LmZ" },
      modelEndsAt: async () => endsAt,
    });
    const DAY_MS = 24 * 60 * 60 * 1000;
    for (const path of ["/dashboard", "/dashboard/setup"]) {
      endsAt = app.clock.now() + 50 * DAY_MS;
      expect((await owner.get(path)).body).toContain("gpt-6-luna is shut down by its provider on");
      endsAt = app.clock.now() - DAY_MS;
      expect((await owner.get(path)).body).toContain("gpt-6-luna was shut down by its provider on");
      endsAt = app.clock.now() + 91 * DAY_MS;
      expect((await owner.get(path)).body).not.toContain("by its provider on");
    }
  });

  test("has nothing to warn of on a server that is set up well", async () => {
    await start({
      env: {
        NODE_ENV: "production",
        OPENAI_API_KEY: "sk-upstream",
        PUBLIC_URL: "https://chat.example.com",
      },
    });
    const { body } = await owner.get("/dashboard/setup");
    expect(body).not.toContain("Before you go live");
  });
});

describe("errors under /dashboard", () => {
  test("are pages, and elsewhere they stay JSON", async () => {
    for (const path of ["/dashboard/nowhere", "/dashboard/conversations/c_1/delete/x"]) {
      expectErrorPage(await owner.get(path), "not_found");
    }
    expect((await owner.get("/dashboardx")).headers.get("content-type")).toBe("application/json");
    expect((await owner.get("/v1/nowhere")).headers.get("content-type")).toBe("application/json");
  });

  test("reveal nothing of what broke", async () => {
    const broken = createTestApp({ store: app.store });
    const visitor = await openDashboard(broken);
    broken.store.listConversations = async () => {
      throw new Error("the secret of the inside");
    };
    expectErrorPage(await visitor.get("/dashboard/conversations"), "internal_error", ["inside"]);
  });

  test("are pages when they come from the rate limiter", async () => {
    await start({ env: { RATE_LIMIT_MAX_REQUESTS: "3" } });
    await owner.get("/dashboard");
    const limited = await owner.get("/dashboard");
    expectErrorPage(limited, "rate_limited");
    expect(limited.headers.get("ratelimit-policy")).toBe('"admin";q=3;w=60');
    expect(limited.headers.get("refresh")).toBe(limited.headers.get("retry-after"));
    const form = await owner.post("/dashboard/logout", { formToken: owner.formToken });
    expectErrorPage(form, "rate_limited");
    expect(form.headers.has("refresh")).toBe(false);
  });

  test("are pages when they come from the body limit", async () => {
    const { formToken } = owner;
    const tooLarge = { "content-length": String(3 * 1024 * 1024) };
    const declared = await owner.post("/dashboard/logout", { formToken }, tooLarge);
    expectErrorPage(declared, "body_too_large");
    const fields = { formToken, more: "x".repeat(2 * 1024 * 1024) };
    expectErrorPage(await owner.post("/dashboard/logout", fields), "invalid_request");
  });
});
