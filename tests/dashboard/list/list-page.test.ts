import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectPage, textsOf } from "../../support/dashboard-pages.ts";
import { openDashboard } from "../../support/dashboard-requests.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../../support/test-app.ts";

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp();
  owner = await openDashboard(app);
});
afterEach(() => app.close());

const DAY_MS = 24 * 60 * 60 * 1000;
const LIST = "/dashboard/conversations";

async function read(query = ""): Promise<string> {
  const answer = await owner.get(`${LIST}${query}`);
  expectPage(answer);
  return answer.body;
}

/** The links of a part of the page, by their words. */
function linksOf(body: string): Readonly<Record<string, string>> {
  const links = body.matchAll(/<a\s+href="([^"]+)"[^>]*>([^<]*)</g);
  return Object.fromEntries(
    Array.from(links, ([, href = "", words = ""]) => [words.trim(), href.replaceAll("&amp;", "&")]),
  );
}

describe("a row of the list", () => {
  test("says what was asked first, what was answered, how it stands, and how long ago", async () => {
    const sessionId = "a";
    await storeExchange(app.store, {
      sessionId,
      question: "Do you <b>ship</b>?",
      at: NOON - 7.2e6,
    });
    const answer = "**Yes**, see [prices](https://shop.example/prices).";
    await storeExchange(app.store, { sessionId, question: "Where to?", answer, at: NOON - 3.6e6 });
    const failed = { sessionId: "b", question: "And now?", answer: "", at: NOON - 9 * DAY_MS };
    await storeExchange(app.store, { ...failed, status: "failed" });
    const turn = newTurn({ sessionId: "c", question: "Is it red?", at: NOON - 20 * DAY_MS });
    await begin(app.store, turn);
    const end = { grounding: "none", content: "No idea.", at: turn.at } as const;
    await app.store.finishTurn(turn.turnId, outcome(end));
    expect(await textsOf(await read(), ".list li")).toEqual([
      "Do you &lt;b&gt;ship&lt;/b&gt;? 1 h ago Yes, see prices. 4 messages a",
      "And now? 14 Nov 2026 failed 2 messages b",
      "Is it red? 3 Nov 2026 No idea. unanswered 2 messages c",
    ]);
  });

  test("has a title to click where what was asked cannot be seen, as has its thread and the overview", async () => {
    const question = "\u200b\u2060 \u00ad";
    const { conversationId: id } = await storeExchange(app.store, { question });
    expect(await textsOf(await read(), ".list strong")).toEqual(["Conversation"]);
    expect(await textsOf(await read(`/${id}`), "h1, title")).toEqual([
      "Conversation · chatporch",
      "Conversation",
    ]);
    const overview = (await owner.get("/dashboard")).body;
    expect(await textsOf(overview, ".latest .preview")).toEqual(["Conversation"]);
  });

  test("of a search shows the words that were found, and leads to their message", async () => {
    const question = "Where is my <parcel>? It is a parcel.";
    const { conversationId: id } = await storeExchange(app.store, { question, at: NOON - DAY_MS });
    await storeExchange(app.store, { question: "Thanks!", answer: "Bye.", at: NOON });
    const body = await read("?q=parc");
    expect(await textsOf(body, ".found mark")).toEqual(["parcel", "parcel"]);
    expect(body).toContain("my &lt;<mark>parcel</mark>&gt;? It is a <mark>parcel</mark>.");
    expect(body).toContain(`href="${LIST}/${id}?q=parc&amp;message=1#m1"`);
  });
});

describe("the filters above the list", () => {
  test("are added to a search with one click, and taken away with another", async () => {
    await storeExchange(app.store, { sessionId: "a", status: "failed", at: NOON - DAY_MS });
    await storeExchange(app.store, { sessionId: "b", status: "stopped" });
    const chips = linksOf(await read("?q=open"));
    expect(chips["Failed"]).toBe(`${LIST}?q=open&mark=failed`);
    expect(chips["Today"]).toBe(`${LIST}?q=open&from=2026-11-23`);
    expect(await textsOf(await read("?mark=stopped"), ".list .who")).toEqual(["b"]);
    const body = await read("?q=open&mark=failed");
    expect(await textsOf(body, ".list .who")).toEqual(["a"]);
    expect(await textsOf(body, ".chips [aria-current]")).toEqual(["Failed"]);
    expect(linksOf(body)["Failed"]).toBe(`${LIST}?q=open`);
    // A search keeps them.
    expect(body).toContain('<input type="hidden" name="mark" value="failed"');
    const wrong = await owner.get(`${LIST}?mark=odd`);
    expectPage(wrong, 400);
    expect(await textsOf(wrong.body, "[role=alert]")).toEqual(["Not one of the filters. Show all"]);
  });

  test("hold for the export, too, and it says so", async () => {
    await storeExchange(app.store, { question: "A blue lamp?" });
    await storeExchange(app.store, { sessionId: "b", question: "A red lamp?" });
    expect(await textsOf(await read(), ".actions")).toEqual(["Export all 2 CSV NDJSON"]);
    const body = await read("?q=blue");
    expect(await textsOf(body, ".actions")).toEqual(["Export these CSV NDJSON"]);
    const { CSV = "" } = linksOf(body);
    const exported = await owner.get(CSV);
    expect(exported.body).toContain("A blue lamp?");
    expect(exported.body).not.toContain("A red lamp?");
  });

  test("have a button for each month, and the export of one is called after it", async () => {
    await storeExchange(app.store, { question: "In March?", at: Date.parse("2026-03-31T23:59Z") });
    await storeExchange(app.store, { sessionId: "b", at: Date.parse("2026-04-01T00:00Z") });
    const buttons = [...(await read()).matchAll(/name="period"\s+value="([^"]+)"/g)];
    expect(buttons.map(([, value]) => value)).toContain("2026-03-01/2026-03-31");
    const body = await read("?q=&from=&to=&period=2026-03-01/2026-03-31");
    expect(await textsOf(body, ".results .hint > p:first-child")).toEqual([
      "1 conversation last active in March 2026",
    ]);
    const { CSV = "" } = linksOf(body);
    const { headers, body: file } = await owner.get(CSV);
    expect(headers.get("content-disposition")).toBe(
      'attachment; filename="chatporch-messages-2026-03-01-2026-03-31.csv"',
    );
    expect(file.trimEnd().split("\n")).toHaveLength(3);
    expect(file).toContain("In March?");
  });

  test("fold the dates away, and name them", async () => {
    expect(await textsOf(await read(), ".dates summary")).toEqual(["Any time"]);
    const period = async (query: string) => textsOf(await read(query), ".dates summary");
    expect(await period("?from=2026-11-01")).toEqual(["Since 1 Nov 2026"]);
    expect(await period("?to=2026-11-01")).toEqual(["Until 1 Nov 2026"]);
    expect(await period("?from=2026-10-01&to=2026-11-01")).toEqual([
      "From 1 Oct 2026 to 1 Nov 2026",
    ]);
    expect(await period("?from=2026-11-23")).toEqual(["Today"]);
    expect(await period("?period=2026-11-16/2026-11-22")).toEqual(["Last week"]);
    const wrong = await owner.get(`${LIST}?from=soon`);
    expect(wrong.body).toMatch(/<details class="dates" id="dates" open>/);
  });
});

describe("the pages of the list", () => {
  test("are read in both directions, and each says which conversations it has", async () => {
    for (let i = 0; i < 130; i++) {
      await storeExchange(app.store, { sessionId: `v${i}`, at: NOON + i });
    }
    const range = async (body: string) => textsOf(body, ".pager > span");
    const first = await read();
    expect(await range(first)).toEqual(["1–50 of 130"]);
    const second = await owner.get(linksOf(first)["Next →"] ?? "");
    expect(await range(second.body)).toEqual(["51–100 of 130"]);
    expect(linksOf(second.body)["← Previous"]).toBe(LIST);
    const third = await owner.get(linksOf(second.body)["Next →"] ?? "");
    expect(await range(third.body)).toEqual(["101–130 of 130"]);
    const back = await owner.get(linksOf(third.body)["← Previous"] ?? "");
    expect(await textsOf(back.body, ".list .who")).toEqual(
      await textsOf(second.body, ".list .who"),
    );
    expect(linksOf(third.body)["Newest"]).toBe(LIST);
  });

  test("of a search say among which messages the conversations were found", async () => {
    const { listConversations } = app.store;
    await storeExchange(app.store, { question: "Where is my parcel?" });
    app.store.listConversations = async (filter) => ({
      ...(await listConversations.call(app.store, filter)),
      searched: { messages: 9000, isComplete: false, matches: 5000, wordsLeftOut: 0 },
    });
    const body = await read("?q=parcel");
    expect(body).toContain("1 conversation among the newest 5,000 matching messages.");
    expect(body).toContain("Choose an earlier last day to look further back.");
  });
});
