import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { MINUTE_MS } from "../../src/runtime/time.ts";
import { expectPage, textsOf } from "../support/dashboard-pages.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { mintedId, newTurn, NOON, storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;
let path: string;
let conversationId: string;
const sessionId = mintedId("visitor");

beforeEach(async () => {
  app = createTestApp({ env: { PERSON_NAME: "Anna <b>" } });
  owner = await openDashboard(app);
  ({ conversationId } = await storeExchange(app.store, { sessionId, question: "Do you ship?" }));
  path = `/dashboard/conversations/${conversationId}`;
});
afterEach(() => app.close());

/** Sends the form of the composer. */
function write(text: string, key: string) {
  return owner.post(`${path}/messages`, { formToken: owner.formToken, text, key });
}

async function readPage() {
  const answer = await owner.get(path);
  expectPage(answer);
  return answer.body;
}

const isComposerHidden = (body: string) =>
  /<form\s+class="composer"[^>]*\shidden/.test(body) && body.includes('class="composer"');

describe("a thread, without script", () => {
  test("offers to take over, and then to write and to give back", async () => {
    const before = await readPage();
    expect(await textsOf(before, ".takeover button")).toEqual(["Take over"]);
    expect(isComposerHidden(before)).toBe(true);

    const taken = await owner.post(`${path}/takeover`);
    expect(taken.status).toBe(303);
    expect(taken.headers.get("location")).toBe(`${path}#words`);
    const during = await readPage();
    expect(await textsOf(during, ".takeover button")).toEqual(["Give back"]);
    expect((await textsOf(during, ".here")).join("")).toContain("You are here as Anna &lt;b&gt;.");
    expect(isComposerHidden(during)).toBe(false);

    await owner.post(`${path}/give-back`);
    expect(await textsOf(await readPage(), ".takeover button")).toEqual(["Take over"]);
    expect(await app.store.findTakeover(conversationId)).toBeUndefined();
  });

  test("shows what the owner wrote as he typed it, under his name, and no empty answers", async () => {
    await write("We ship\r\n<b>today</b>.", "one");
    await write("We ship\r\n<b>today</b>.", "one");
    await app.store.beginTurn(newTurn({ sessionId, question: "Thanks!", at: app.clock.now() }));
    const body = await readPage();
    expect(await textsOf(body, ".author")).toEqual([
      "Visitor",
      "Answer",
      "Anna &lt;b&gt;",
      "Visitor",
    ]);
    expect(await textsOf(body, ".owner .content")).toEqual(["We ship &lt;b&gt;today&lt;/b&gt;."]);
    // As many as are shown: the visitor's question has no answer of the model.
    expect((await textsOf(body, ".thread-head .hint"))[0]).toContain(", 4 messages,");
    expect(body).not.toContain("The newest");
    for (const list of ["/dashboard", "/dashboard/conversations"]) {
      expect((await owner.get(list)).body).toContain("<span>4 messages</span>");
    }
    const [message] = await app.store.ownerMessagesAfter(conversationId, 0, 5);
    expect(message?.content).toBe("We ship\n<b>today</b>.");
  });

  test("says that the model answers again when the owner has not written for 30 minutes", async () => {
    await owner.post(`${path}/takeover`);
    app.clock.advance(30 * MINUTE_MS);
    const body = await readPage();
    expect(await textsOf(body, ".takeover button")).toEqual(["Take over"]);
    expect(body).toContain("The model answers again: you had not written for 30 minutes.");
    expect(isComposerHidden(body)).toBe(true);
  });

  test("refuses an empty and a long text, and a form of another site, and stores nothing", async () => {
    for (const text of ["", "  ", "x".repeat(4001)]) {
      expect((await write(text, "k")).status).toBe(400);
    }
    const { cookie } = owner;
    const forged = await app.fetch(`${path}/messages`, {
      method: "POST",
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      body: "text=Hi&key=k",
    });
    expect(forged.status).toBe(403);
    expect(await app.store.findTakeover(conversationId)).toBeUndefined();
    expect(await app.store.ownerMessagesAfter(conversationId, 0, 5)).toEqual([]);
  });

  test("offers nothing where the visitor cannot read what the owner writes, and says why", async () => {
    ({ conversationId } = await storeExchange(app.store, { sessionId: "his-own" }));
    path = `/dashboard/conversations/${conversationId}`;
    const body = await readPage();
    expect(await textsOf(body, ".takeover button")).toEqual([]);
    expect((await textsOf(body, ".takeover")).join("")).toContain("You cannot take over here: ");
    expect(isComposerHidden(body)).toBe(true);
    for (const answer of [await owner.post(`${path}/takeover`), await write("Hi", "one")]) {
      expect(answer.status).toBe(409);
    }
    expect(await app.store.findTakeover(conversationId)).toBeUndefined();
  });

  test("has nothing to write with in its older part", async () => {
    for (let n = 0; n < 260; n += 1) await storeExchange(app.store, { sessionId, at: NOON });
    const { body } = await owner.get(`${path}?before=100`);
    expect(body).not.toContain('class="composer"');
    expect(body).not.toContain("Take over");
  });
});
