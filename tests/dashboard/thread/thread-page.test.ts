import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { TURN_ERRORS } from "../../../src/conversation/records.ts";
import { expectPage, textsOf } from "../../support/dashboard-pages.ts";
import { openDashboard } from "../../support/dashboard-requests.ts";
import { storedRequest } from "../../support/stored-requests.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../../support/test-app.ts";

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp();
  owner = await openDashboard(app);
});
afterEach(() => app.close());

const HOUR_MS = 60 * 60 * 1000;
const LIST = "/dashboard/conversations";

describe("a thread", () => {
  test("has the first question as its title, also where its beginning is not shown", async () => {
    let id = "";
    for (let i = 0; i < 260; i++) {
      const question = i === 0 ? "Do you **ship**\nto Norway?" : "And now?";
      ({ conversationId: id } = await storeExchange(app.store, { question }));
    }
    const answer = await owner.get(`${LIST}/${id}`);
    expectPage(answer);
    expect(await textsOf(answer.body, "h1")).toEqual(["Do you **ship** to Norway?"]);
    expect(await textsOf(answer.body, "title")).toEqual(["Do you **ship** to Norway? · chatporch"]);
  });

  test("with a long question that would be cut in the middle of a character offers to write to its visitor", async () => {
    const question = `${"a".repeat(199)}🙂 and more`;
    const { conversationId } = await storeExchange(app.store, { question });
    await storedRequest(app.store, conversationId);
    const answer = await owner.get(`${LIST}/${conversationId}`);
    expectPage(answer);
    expect(answer.body).toContain('href="mailto:ada@example.com?subject=Re%3A%20aaa');
  });

  test("shows the Markdown of answers as visitors see it, and questions as they were typed", async () => {
    const text = "**Yes**, see [prices](https://shop.example/prices).";
    const { conversationId } = await storeExchange(app.store, { question: text, answer: text });
    const path = `${LIST}/${conversationId}`;
    const { body } = await owner.get(path);
    const contents = await textsOf(body, ".content");
    expect(contents).toEqual([text, "Yes, see prices."]);
    expect(body).toContain("<strong>Yes</strong>");
    expect(body).toContain('rel="noopener noreferrer"');
  });

  test("shows what the model wrote when the source is asked for, and leads back", async () => {
    const text = "**Yes** <b>";
    const { conversationId } = await storeExchange(app.store, { answer: text });
    const path = `${LIST}/${conversationId}`;
    const [, source = ""] = /href="([^"]+)">View source/.exec((await owner.get(path)).body) ?? [];
    const { body } = await owner.get(source);
    expect(body).toContain("**Yes** &lt;b&gt;</pre");
    expect(/href="([^"]+)">As visitors see it/.exec(body)?.[1]).toBe(path);
  });

  test("shows an answer as it was written where its Markdown would take long to read", async () => {
    const { conversationId } = await storeExchange(app.store, { answer: "*a".repeat(60_000) });
    const { body } = await owner.get(`${LIST}/${conversationId}`);
    expect(await textsOf(body, "pre.content")).toEqual(["*a".repeat(60_000)]);
  });

  test("says the day above what was said on it", async () => {
    await storeExchange(app.store, { at: NOON - 24 * HOUR_MS });
    await storeExchange(app.store, { at: NOON });
    const { conversationId } = await storeExchange(app.store, { at: NOON + HOUR_MS });
    const { body } = await owner.get(`${LIST}/${conversationId}`);
    expect(await textsOf(body, ".day")).toEqual([
      "Sunday, 22 November 2026",
      "Monday, 23 November 2026",
    ]);
  });

  test("names the state of an answer only where it is not simply there", async () => {
    await storeExchange(app.store);
    const turn = newTurn();
    const { conversationId } = await begin(app.store, turn);
    await app.store.finishTurn(turn.turnId, outcome({ content: "We", finishReason: "person" }));
    await storeExchange(app.store, { status: "stopped" });
    const { body } = await owner.get(`${LIST}/${conversationId}`);
    expect(await textsOf(body, ".thread .badge")).toEqual(["cut when you took over", "stopped"]);
    expect(body).toContain("The visitor stopped it or left before its end.");
  });

  test.each(TURN_ERRORS)("says why an answer failed and what to do: %s", async (errorCode) => {
    const turn = newTurn();
    const { conversationId } = await begin(app.store, turn);
    await app.store.finishTurn(turn.turnId, outcome({ status: "failed", content: "", errorCode }));
    const { body } = await owner.get(`${LIST}/${conversationId}`);
    const [failure = ""] = await textsOf(body, ".failure");
    expect(failure).toMatch(/^[A-Z].+\. [A-Z].+\./);
    expect(failure).toEndWith(errorCode);
    const isOff = errorCode === "model_off";
    const isOfModel = errorCode.startsWith("model_") && !isOff;
    expect(body.includes('href="/dashboard/settings/model"')).toBe(isOfModel);
    expect(body.includes('href="/dashboard/settings/spending"')).toBe(isOff);
  });

  test("knows what to say of an error that another version stored", async () => {
    const turn = newTurn();
    const { conversationId } = await begin(app.store, turn);
    const errorCode = "constructor" as "internal_error";
    await app.store.finishTurn(turn.turnId, outcome({ status: "failed", content: "", errorCode }));
    const { body } = await owner.get(`${LIST}/${conversationId}`);
    expect(await textsOf(body, ".failure")).toEqual([
      expect.stringContaining("Something went wrong on the server."),
    ]);
  });
});

test("the title of a thread's page is cut between two characters", async () => {
  const question = `${"x".repeat(59)}😀 and more`;
  const { conversationId } = await storeExchange(app.store, { question });
  const { body } = await owner.get(`${LIST}/${conversationId}`);
  expect(await textsOf(body, "title")).toEqual([`${"x".repeat(59)}… · chatporch`]);
});

describe("the way to a thread and back", () => {
  test("keeps what the list was searched for, also through the source and a deletion", async () => {
    const { conversationId } = await storeExchange(app.store, { question: "A blue parcel" });
    const search = "?q=blue+parcel&from=2026-11-01";
    const list = await owner.get(`${LIST}${search}`);
    const [, thread = ""] = /<a href="([^"]+)" id="c_/.exec(list.body) ?? [];
    const path = thread.replaceAll("&amp;", "&");
    expect(path).toBe(`${LIST}/${conversationId}${search}&message=1#m1`);
    const { body } = await owner.get(path.replace(/#.*/, ""));
    const back = `href="${LIST}${search.replace("&", "&amp;")}#${conversationId}"`;
    expect(body).toContain(back);
    const [, source = ""] = /href="([^"]+)">View source/.exec(body) ?? [];
    expect((await owner.get(source.replaceAll("&amp;", "&"))).body).toContain(back);
    const [, erase = ""] = /action="([^"]+\/delete[^"]*)"/.exec(body) ?? [];
    const erased = await owner.post(erase.replaceAll("&amp;", "&"));
    expect(erased.status).toBe(303);
    const location = erased.headers.get("location") ?? "";
    expect(location).toStartWith(`${LIST}${search}`);
    const after = (await owner.get(location)).body;
    expect(await textsOf(after, "main [role=status]")).toEqual([
      "The conversation was deleted. Undo",
    ]);
    expect(after).toContain('value="blue parcel"');
  });
});

describe("the export of a thread", () => {
  test.each([
    ["Markdown", "text/markdown"],
    ["CSV", "text/csv"],
    ["NDJSON", "application/x-ndjson"],
  ])("is a link of its page: %s", async (name, mediaType) => {
    const { conversationId } = await storeExchange(app.store, { question: "Which lamp?" });
    const { body } = await owner.get(`${LIST}/${conversationId}`);
    const [, path = ""] = new RegExp(`href="([^"]+)"\\s+download\\s*>${name}<`).exec(body) ?? [];
    const file = await owner.get(path);
    expect(file.headers.get("content-type")).toStartWith(mediaType);
    expect(file.body).toContain("Which lamp?");
  });
});

describe("a message that a search has found", () => {
  test("has the words marked, in the question and in the answer as it is shown", async () => {
    const { conversationId } = await storeExchange(app.store, {
      question: "Is Zürich in <b>?",
      answer: "Yes, **zurich** and [Zürichsee](https://shop.example/). Not X-Zur.",
    });
    const { body } = await owner.get(`${LIST}/${conversationId}?q=zurich`);
    expect(await textsOf(body, ".thread mark")).toEqual(["Zürich", "zurich", "Zürichsee"]);
    expect(body).toContain("<strong><mark>zurich</mark></strong>");
    expect(body).toContain("</mark> in &lt;b&gt;?");
    const plain = await owner.get(`${LIST}/${conversationId}`);
    expect(plain.body).not.toContain("<mark");
  });

  test("is on the page that is asked for it, with what was said before it, however long ago", async () => {
    let id = "";
    for (let i = 0; i < 400; i++) {
      ({ conversationId: id } = await storeExchange(app.store, { question: `number ${i}` }));
    }
    const [first] = await app.store.messagesAfter(id, 0, 1);
    const sought = (first?.id ?? 0) + 100;
    const { body } = await owner.get(`${LIST}/${id}?message=${sought}`);
    const [shown] = await textsOf(body, ".message");
    expect(shown).toContain("number 40");
    expect(body).toContain(`id="m${sought}"`);
    expect(body).not.toContain("data-live");
    const newest = await owner.get(`${LIST}/${id}?message=${sought + 600}`);
    expect(newest.body).toContain("data-live");
    expect((await owner.get(`${LIST}/${id}?message=x`)).status).toBe(400);
  });
});

describe("the conversations beside a thread", () => {
  test("are those of the list that it was opened from", async () => {
    const ids: string[] = [];
    for (const [i, word] of ["blue", "red", "blue", "red", "blue"].entries()) {
      const exchange = { question: `A ${word} lamp`, sessionId: `v${i}`, at: NOON + i };
      ids.push((await storeExchange(app.store, exchange)).conversationId);
    }
    const beside = async (query: string) => {
      const { body } = await owner.get(`${LIST}/${ids[2]}${query}`);
      return ["prev", "next"].map(
        (rel) => new RegExp(`href="([^"]+)" rel="${rel}"`).exec(body)?.[1],
      );
    };
    expect(await beside("")).toEqual([`${LIST}/${ids[3]}`, `${LIST}/${ids[1]}`]);
    expect(await beside("?q=blue")).toEqual([
      `${LIST}/${ids[4]}?q=blue`,
      `${LIST}/${ids[0]}?q=blue`,
    ]);
    expect(await beside("?from=never")).toEqual([undefined, undefined]);
  });
});
