import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectPage, textsOf } from "../support/dashboard-pages.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { storedRequest } from "../support/stored-requests.ts";
import { mintedId, NOON, storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

/** What the owner sees of ratings, and of visitors who want a person. */

const LIST = "/dashboard/conversations";
const SETTINGS = "/dashboard/settings/people";

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp();
  owner = await openDashboard(app);
});
afterEach(() => app.close());

async function read(path: string): Promise<string> {
  const answer = await owner.get(path);
  expectPage(answer);
  return answer.body;
}

const send = (path: string, fields: Record<string, string> = {}) =>
  owner.post(path, { formToken: owner.formToken, ...fields });

describe("a rated answer", () => {
  test("says in its thread how it is rated, and why in the visitor's words", async () => {
    const { turnId, conversationId } = await storeExchange(app.store);
    const good = await storeExchange(app.store, { question: "And on Sundays?" });
    const comment = "You <b>close</b> at five.\nReally.";
    await app.store.rateAnswer(turnId, {
      value: "negative",
      reasons: ["wrong", "off_topic"],
      comment,
      at: NOON,
    });
    await app.store.rateAnswer(good.turnId, { value: "positive", reasons: [], at: NOON });
    const body = await read(`${LIST}/${conversationId}`);
    expect(await textsOf(body, ".thread .badge")).toEqual(["rated down", "rated good"]);
    expect(await textsOf(body, ".rating")).toEqual([
      "wrong, off topic You &lt;b&gt;close&lt;/b&gt; at five. Really.",
    ]);
  });

  test("is found by a filter of the list, and counted in the overview", async () => {
    const down = await storeExchange(app.store, { question: "Too bad?" });
    const good = await storeExchange(app.store, { question: "Fine?", sessionId: "b" });
    expect(await read("/dashboard")).not.toContain("Rated down");
    await app.store.rateAnswer(down.turnId, { value: "negative", reasons: [], at: NOON });
    await app.store.rateAnswer(good.turnId, { value: "positive", reasons: [], at: NOON });
    const list = await read(`${LIST}?mark=rated_down`);
    expect(await textsOf(list, ".list .first strong")).toEqual(["Too bad?"]);
    expect(await textsOf(list, ".list .badge")).toEqual(["rated down"]);
    expect(await textsOf(list, ".chips [aria-current]")).toEqual(["Rated down"]);
    const overview = await read("/dashboard?figure=ratings");
    expect(await textsOf(overview, "#ratings")).toEqual([
      "Ratings 50% good, of 2 ratings 1 rated good 1 rated down Conversations that were rated down",
    ]);
    expect(await textsOf(overview, "#figure-ratings .headline")).toEqual(["50%"]);
  });
});

describe("a visitor who wants a person", () => {
  test("is at the top of what needs the owner, in the list, and in his thread with his address", async () => {
    const question = "Can I <i>talk</i> to somebody?";
    const { conversationId } = await storeExchange(app.store, { question });
    await storeExchange(app.store, { sessionId: "other" });
    const value = "ada+chat@example.com";
    const note = "After six.\n<b>Please</b>";
    await storedRequest(app.store, conversationId, { contact: { kind: "email", value }, note });
    const overview = await read("/dashboard");
    expect((await textsOf(overview, ".need"))[0]).toBe(
      "A visitor wants a person: Can I &lt;i&gt;talk&lt;/i&gt; to somebody? Answer",
    );
    expect(await textsOf(await read(`${LIST}?mark=wanted`), ".list .badge")).toEqual([
      "wants a person",
    ]);
    const thread = await read(`${LIST}/${conversationId}`);
    expect(await textsOf(thread, ".wanted .contact")).toEqual([value]);
    expect(await textsOf(thread, ".wanted .note")).toEqual([
      "After six. &lt;b&gt;Please&lt;/b&gt;",
    ]);
    expect(await textsOf(thread, ".wanted .hint")).toEqual([
      expect.stringContaining("Agreed to: “You may write to me about this.”"),
    ]);
    expect(thread).toContain(
      'href="mailto:ada%2Bchat@example.com?subject=Re%3A%20Can%20I%20%3Ci%3Etalk%3C%2Fi%3E%20to%20somebody%3F"',
    );
  });

  test("is not in these lists any more once his request is closed, which the thread keeps", async () => {
    const { conversationId } = await storeExchange(app.store);
    const contact = { kind: "phone", value: "+49 (30) 1234-56" } as const;
    const { id } = await storedRequest(app.store, conversationId, { contact });
    const path = `${LIST}/${conversationId}`;
    expect(await read(path)).toContain('href="tel:+4930123456"');
    const closed = await send(`${path}/requests/${id}/close?mark=wanted`);
    expect(closed.headers.get("location")).toBe(`${path}?mark=wanted`);
    const body = await read(path);
    expect(await textsOf(body, ".wanted")).toEqual([]);
    expect((await textsOf(body, ".closed-requests"))[0]).toContain("+49 (30) 1234-56");
    expect(await read("/dashboard")).not.toContain("wants a person");
    expect(await textsOf(await read(`${LIST}?mark=wanted`), ".list li")).toEqual([]);
  });

  test("is still open after the owner has answered in the chat and given it back, who is reminded of it there", async () => {
    const { conversationId } = await storeExchange(app.store, { sessionId: mintedId("ada") });
    const path = `${LIST}/${conversationId}`;
    const { id } = await storedRequest(app.store, conversationId);
    expect(await textsOf(await read(path), "[aria-label='Open request']")).toEqual([]);
    app.clock.advance(1);
    await send(`${path}/messages`, { text: "Yes.", key: "one" });
    expect(await textsOf(await read(path), "[aria-label='Open request']")).toEqual([]);
    await send(`${path}/give-back`);
    const [reminder] = await textsOf(await read(path), "[aria-label='Open request']");
    expect(reminder).toContain("is still open: your visitor reads that a person will write.");
    expect(reminder).toEndWith("Close request");
    await send(`${path}/requests/${id}/close`);
    expect(await textsOf(await read(path), "[aria-label='Open request']")).toEqual([]);
  });

  test("is one of many, of whom three are named", async () => {
    for (let n = 1; n <= 5; n += 1) {
      const at = NOON + n;
      const exchange = { question: `Question ${n}`, sessionId: `v${n}`, at };
      await storedRequest(app.store, (await storeExchange(app.store, exchange)).conversationId);
    }
    expect((await textsOf(await read("/dashboard"), ".need")).slice(0, 4)).toEqual([
      "A visitor wants a person: Question 5 Answer",
      "A visitor wants a person: Question 4 Answer",
      "A visitor wants a person: Question 3 Answer",
      "2 other visitors want a person. See all",
    ]);
    const [first] = (await app.store.listConversations({ limit: 5 })).conversations;
    await app.store.deleteConversation(`${first?.id}`);
    const needs = await textsOf(await read("/dashboard"), ".need");
    expect(needs[3]).toBe("1 other visitor wants a person. See all");
  });
});

describe("the settings of people", () => {
  test("are in force at once, and the form shows them", async () => {
    const fields = {
      action: "save",
      PERSON: "poor",
      HOURS: "Mo-Fr 09:00-17:00  Europe/Berlin",
      PERSON_CONSENT: "You may write to me.",
      PERSON_NAME: "Mia",
    };
    expect((await send(SETTINGS, fields)).headers.get("location")).toBe(`${SETTINGS}?done=saved`);
    expect(app.config.people).toMatchObject({ person: "poor", name: "Mia", hasRatings: true });
    expect(app.config.people.hours?.text).toBe("Mo-Fr 09:00-17:00 Europe/Berlin");
    expect((await send(SETTINGS, { action: "save-ratings", RATINGS: "off" })).status).toBe(303);
    expect(app.config.people).toMatchObject({ person: "poor", hasRatings: false });
    const page = await read(SETTINGS);
    expect(page).toContain('<option value="poor" selected>');
    expect(page).toContain('<option value="off" selected>');
    expect(page).toContain('value="Mia"');
  });

  test("say beside its field what is wrong with the hours, and change nothing then", async () => {
    const answer = await send(SETTINGS, { action: "save", PERSON: "always", HOURS: "9 to 5" });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(
      'id="problem-HOURS" role="alert">This has no time zone at its end',
    );
    expect(answer.body).toContain('value="9 to 5"');
    expect(app.config.people.person).toBe("off");
  });

  test("are locked where the environment sets them", async () => {
    await app.close();
    app = createTestApp({ env: { PERSON: "always", RATINGS: "off" } });
    owner = await openDashboard(app);
    const page = await read(SETTINGS);
    expect(page).toContain("Fixed by <code>PERSON</code> in the environment.");
    expect(page).toContain("Fixed by <code>RATINGS</code> in the environment.");
    expect(page).not.toContain("Save ratings");
    expect((await send(SETTINGS, { action: "save", PERSON: "off" })).status).toBe(400);
  });
});
