import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { apiRefusal } from "../support/api-refusal.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { type Gate, startGate } from "../support/gate.ts";
import { finished, notice } from "../support/panel-page.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";

let website: Website;
let model: ModelServer;
let app: TestApp;
let gate: Gate;
/** Set: questions are refused with it. */
let refusal: (() => Response) | undefined;
/** The time at which each question came, in milliseconds. */
let questions: number[];

function judge({ method, url }: Request): Response | undefined {
  if (method !== "POST" || new URL(url).pathname !== "/v1/chat/stream") return undefined;
  questions.push(performance.now());
  return refusal?.();
}

async function visit(attributes = ""): Promise<BrowserPage> {
  website.show(widgetTag(gate.target, `data-api-url="${gate.url}" ${attributes}`));
  const page = await openPage({
    beforeLoad: `window.seen = []; addEventListener("DOMContentLoaded", () => {
      for (const name of ["message", "error"])
        Chatporch.on(name, ({ role, text, code }) => seen.push(code ?? role + ": " + text));
    });`,
  });
  await page.goto(website.origin);
  await page.waitFor("window.Chatporch");
  return page;
}

const seen = (page: BrowserPage) => page.evaluate<string[]>("seen");
const send = (page: BrowserPage, text: string) =>
  page.evaluate(`void Chatporch.send(${JSON.stringify(text)})`);

const refuse = (status: number, code: string, retryAfter?: number) => () =>
  apiRefusal(website.origin, status, code, { retryAfter });

describe.skipIf(!hasBrowser)("the widget", () => {
  beforeAll(() => {
    website = startWebsite();
  });
  beforeEach(() => {
    model = startModelServer(answer("Hello there"));
    app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
    gate = startGate(app.listen());
    gate.answer = judge;
    refusal = undefined;
    questions = [];
  });
  afterEach(async () => {
    closePages();
    await gate.stop();
    await app.close();
    await model.stop();
  });
  afterAll(() => website.stop());

  test("causes no failed requests with an answer, a stopped one, a failed one and a reload", async () => {
    const page = await visit("data-open");
    await send(page, "First");
    await page.waitFor(finished(1));

    model.script = silence;
    await send(page, "Second");
    const call = await model.call(1);
    call.token("one ");
    await page.waitFor("$('.log .pending .bubble')?.textContent === 'one'");
    await page.click(".send");
    await page.waitFor(finished(2));

    model.script = (broken) => {
      broken.token("half");
      broken.end();
    };
    await send(page, "Third");
    await page.waitFor(finished(3));

    model.script = answer("Hello there");
    await send(page, "Fourth");
    await page.waitFor(finished(4));
    // Requests that have ended, successfully or not.
    await page.waitFor(
      `performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/v1/chat/stream")).length === 4`,
    );
    await page.reload();
    await page.waitFor(finished(4));
    expect(page.failedRequests.filter((each) => !each.includes("favicon"))).toEqual([]);
  });

  test("sends a returning visitor's question once the earlier messages are there", async () => {
    const page = await visit();
    await send(page, "First");
    await page.waitFor(finished(1));
    await page.evaluate("Chatporch.close()");
    await page.reload();
    await page.waitFor("window.Chatporch && window.seen");
    await send(page, "Second");
    await page.waitFor(finished(2));
    expect(await page.evaluate("$$('.log .user .bubble').map((each) => each.textContent)")).toEqual(
      ["First", "Second"],
    );
    expect(await seen(page)).toEqual(["user: Second", "assistant: Hello there"]);
  });

  test("queues questions during an answer, and asks them afterwards in order", async () => {
    model.script = silence;
    const page = await visit();
    await send(page, "First");
    const call = await model.call(0);
    model.script = answer("Hello there");
    await send(page, "Second");
    await send(page, "Third");
    expect(await seen(page)).toEqual(["user: First"]);
    call.token("One");
    call.finish();
    await page.waitFor(finished(3));
    expect(await seen(page)).toEqual([
      "user: First",
      "assistant: One",
      "user: Second",
      "assistant: Hello there",
      "user: Third",
      "assistant: Hello there",
    ]);
  });

  test("accepts a question from the page at the moment an answer ends", async () => {
    const page = await visit();
    await page.evaluate(
      `void Chatporch.on("message", ({ role }) => role === "assistant" && seen.length < 4 && Chatporch.send("And then?"))`,
    );
    await send(page, "First");
    await page.waitFor(finished(2));
    expect(await seen(page)).toEqual([
      "user: First",
      "assistant: Hello there",
      "user: And then?",
      "assistant: Hello there",
    ]);
  });

  test.each([
    ["nothing", '""'],
    ["white space", '" \\n "'],
    ["4001 characters", '"x".repeat(4001)'],
    ["no text at all", ""],
    ["the event of a button whose listener it is", "new MouseEvent('click')"],
  ])("refuses to send %s with an error event", async (_, text) => {
    const page = await visit();
    await page.evaluate(`void Chatporch.send(${text})`);
    await page.waitFor("seen.length");
    expect(await seen(page)).toEqual(["not_sent"]);
    expect(await page.evaluate("$$('.user').length")).toBe(0);
    await page.evaluate(`void Chatporch.send("🙂".repeat(4000))`);
    await page.waitFor(finished(1));
  });

  test("refuses more questions than can wait with an error event", async () => {
    model.script = silence;
    const page = await visit();
    await page.evaluate(
      "void Array.from({ length: 12 }, (_, i) => Chatporch.send('Question ' + i))",
    );
    await page.waitFor("seen.length === 3");
    expect(await seen(page)).toEqual(["not_sent", "not_sent", "user: Question 0"]);
    // So it is with the panel there, too: one is being answered, nine wait.
    await page.evaluate("void Chatporch.send('One more')");
    expect((await seen(page)).at(-1)).toBe("not_sent");
  });

  test("refuses a question with an error event when it has no server", async () => {
    website.show(`<script src="${gate.target}${widgetFiles.loader.path}" defer></script>`);
    const page = await openPage();
    await page.goto(website.origin);
    await page.waitFor("window.Chatporch");
    await page.evaluate(
      "void (window.seen = [], Chatporch.on('error', ({ code }) => seen.push(code)))",
    );
    await send(page, "Hello?");
    await page.waitFor("seen.length");
    expect(await seen(page)).toEqual(["not_sent"]);
  });

  test("drops the waiting questions when the answer before them fails, with an error event for each", async () => {
    model.script = silence;
    const page = await visit();
    await send(page, "First");
    const call = await model.call(0);
    await send(page, "Second");
    call.token("half");
    call.end();
    await page.waitFor(notice("broke off"));
    expect(await seen(page)).toEqual([
      "user: First",
      "assistant: half",
      "model_error",
      "model_error",
    ]);
    model.script = answer("Hello there");
    await send(page, "Third");
    await page.waitFor(finished(2));
  });

  test("asks questions that were sent offline once the connection is back", async () => {
    const page = await visit();
    await send(page, "First");
    await page.waitFor(finished(1));
    await page.setOffline(true);
    await send(page, "Second");
    await send(page, "Third");
    await page.waitFor(notice("offline"));
    // What waits is marked by its edge, and can be read as well as what was asked.
    await page.screenshot("widget-question-waits");
    const style = "getComputedStyle($('.user.pending .bubble'))";
    expect(await page.evaluate(`[${style}.borderStyle, ${style}.opacity]`)).toEqual([
      "dashed",
      "1",
    ]);
    await page.setOffline(false);
    await page.waitFor(finished(3));
  });

  test.each([
    [503, "database_full"],
    [507, "a_code_of_tomorrow"],
    [500, "internal_error"],
  ])("shows that there is no answer, and a way to try again, for %i %s", async (status, code) => {
    const page = await visit();
    refusal = refuse(status, code);
    await send(page, "Hello?");
    await page.waitFor(notice("cannot be reached"));
    expect(await seen(page)).toEqual(["user: Hello?", code]);
    refusal = undefined;
    await page.click(".retry");
    await page.waitFor(finished(1));
  });

  test("waits as long as a busy server's Retry-After says before it tries again", async () => {
    const page = await visit();
    const busy = refuse(503, "overloaded", 2);
    refusal = () => {
      refusal = undefined;
      return busy();
    };
    await send(page, "Hello?");
    await page.waitFor(notice("Reconnecting"));
    await page.waitFor(finished(1));
    const [first = 0, second = 0, ...more] = questions;
    expect(second - first).toBeGreaterThanOrEqual(1900);
    expect(more).toEqual([]);
  });

  test("leaves the retry to the visitor when the server asks for an hour's wait", async () => {
    const page = await visit();
    refusal = refuse(503, "draining", 3600);
    await send(page, "Hello?");
    await page.waitFor(notice("cannot be reached"));
    expect(questions).toHaveLength(1);
  });
});
