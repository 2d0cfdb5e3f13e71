import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { silence, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { readAnswer } from "../support/answers.ts";
import { expectErrorPage, openDashboard } from "../support/dashboard-requests.ts";
import { settingsChange } from "../support/stored-settings.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

const EVENTS = "/dashboard/events";

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp({ config: { turns: { heartbeatIntervalMs: 10 } } });
  owner = await openDashboard(app);
});
afterEach(() => app.close());

/** A page that is open, until its browser leaves. */
async function listen(query = "") {
  const browser = new AbortController();
  const { signal } = browser;
  const response = await app.fetch(`${EVENTS}${query}`, {
    headers: { cookie: owner.cookie },
    signal,
  });
  expect(response.status).toBe(200);
  return { ...followBody(response), leave: () => browser.abort() };
}

/** What the feed had published when the list was made, as the page has it. */
async function shownPublished(): Promise<string | undefined> {
  const { body } = await owner.get("/dashboard/conversations");
  return /data-published="([\w-]+\.\d+)"/.exec(body)?.[1];
}

async function untilNobodyListens(): Promise<void> {
  while (app.chat.activity.subscribers > 0) await Bun.sleep(2);
}

async function ask(message = "Hi") {
  const response = await app.fetch("/v1/chat", chatRequest({ sessionId: "visitor", message }));
  const { conversationId }: { conversationId: string } = JSON.parse(await response.text());
  return conversationId;
}

function activities(text: string) {
  return Array.from(text.matchAll(/^data: (\{.*\})$/gm), ([, json = ""]): unknown =>
    JSON.parse(json),
  );
}

describe("the event stream", () => {
  test("announces questions, answers and erasures once they are stored, without their text", async () => {
    const events = await listen();
    const conversationId = await ask("words of a visitor");
    await events.until('"answer"');
    await owner.post(`/dashboard/conversations/${conversationId}/delete`);
    const text = await events.until('"erased"');
    expect(activities(text)).toEqual([
      { conversationId, kind: "question" },
      { conversationId, kind: "answer" },
      { conversationId, kind: "erased" },
    ]);
    expect(text).not.toContain("words");
    events.leave();
  });

  test("of a page about the knowledge has the progress of readings, and nothing of conversations", async () => {
    const others = await listen();
    const events = await listen("?of=knowledge");
    const progress = { sourceId: 7, read: 1, total: 10, address: "https://shop.example/" };
    await ask();
    app.learner.progress.report(progress);
    app.learner.progress.end(7);
    const text = await events.until('{"sourceId":7}');
    expect(activities(text)).toEqual([{ sourceId: 7, progress }, { sourceId: 7 }]);
    expect(await others.until('"answer"')).not.toContain("sourceId");
    expect((await owner.get(`${EVENTS}?of=everything`)).status).toBe(400);
    events.leave();
    others.leave();
    await untilNobodyListens();
  });

  test("of a thread has the answer that is being written, and nothing of other conversations", async () => {
    const model = startModelServer(silence);
    await app.close();
    app = createTestApp({ modelUrl: model.url });
    owner = await openDashboard(app);
    const others = chatRequest({ sessionId: "other", message: "Hi" });
    const asked = chatRequest({ sessionId: "visitor", message: "Hi" });
    const otherVisitor = followBody(await app.fetch("/v1/chat/stream", others));
    const visitor = followBody(await app.fetch("/v1/chat/stream", asked));
    const [, id = ""] = /"conversationId":"([^"]+)"/.exec(await visitor.until("start")) ?? [];
    const call = await model.call(1);
    call.token("So: ");
    await visitor.until("So: ");
    const events = await listen(`?of=${id}`);
    await events.until("So: ");
    call.token("at ");
    call.token("nine.");
    await events.until("nine.");
    call.finish();
    await events.until('"answer"}');
    const text = await events.until('"message":"So: at nine."');
    const [, , turnId] = /("turnId":"([^"]+)")/.exec(text) ?? [];
    const all = activities(text);
    expect(all.filter((each) => !JSON.stringify(each).includes("turnId"))).toEqual([
      { conversationId: id, kind: "answer" },
    ]);
    expect(all[0]).toEqual({
      turnId,
      events: [
        { type: "start", conversationId: id, turnId },
        { type: "token", token: "So: " },
      ],
    });
    await visitor.end();

    const next = followBody(await app.fetch("/v1/chat/stream", asked));
    (await model.call(2)).token("Again.");
    await events.until("Again.");
    events.leave();
    (await model.call(0)).finish();
    (await model.call(2)).finish();
    await Promise.all([otherVisitor.end(), next.end()]);
    await model.stop();
  });

  test("of a thread keeps its answer alive when the visitor leaves, for as long as it is watched", async () => {
    const model = startModelServer(silence);
    await app.close();
    app = createTestApp({ modelUrl: model.url, config: { turns: { abandonedTurnGraceMs: 20 } } });
    owner = await openDashboard(app);
    const browser = new AbortController();
    const request = chatRequest({ sessionId: "visitor", message: "Hi" });
    const response = await app.fetch("/v1/chat/stream", { ...request, signal: browser.signal });
    const visitor = followBody(response);
    const [, id = ""] = /"conversationId":"([^"]+)"/.exec(await visitor.until("start")) ?? [];
    const events = await listen(`?of=${id}`);
    await events.until('"start"');
    browser.abort();
    const call = await model.call(0);
    call.token("Still ");
    await events.until("Still");
    events.leave();
    await call.left;
    await model.stop();
  });

  test("of a thread has no more of its answer once its session has ended, long before a heartbeat", async () => {
    const model = startModelServer(silence);
    await app.close();
    const turns = { abandonedTurnGraceMs: 20, heartbeatIntervalMs: 600_000 };
    app = createTestApp({ modelUrl: model.url, config: { turns } });
    owner = await openDashboard(app);
    const browser = new AbortController();
    const request = chatRequest({ sessionId: "visitor", message: "Hi" });
    const response = await app.fetch("/v1/chat/stream", { ...request, signal: browser.signal });
    const visitor = followBody(response);
    const [, id = ""] = /"conversationId":"([^"]+)"/.exec(await visitor.until("start")) ?? [];
    const events = await listen(`?of=${id}`);
    const call = await model.call(0);
    call.token("Before. ");
    await events.until("Before.");
    browser.abort();
    await owner.post("/dashboard/logout");
    app.clock.advance(1000);
    call.token("Afterwards.");
    // Nobody reads the answer any more.
    await call.left;
    events.leave();
    expect(await events.end()).not.toContain("Afterwards");
    await model.stop();
  });

  test("begins with the same text as a page that has missed nothing, and another text when it has", async () => {
    const atFirst = await shownPublished();
    await ask();
    const afterwards = await shownPublished();
    expect(afterwards).not.toBe(atFirst);
    const events = await listen();
    expect(await events.until("\n\n")).toStartWith(`event: published\ndata: ${afterwards}\n\n`);
    events.leave();
  });

  test("ends once settings have changed, and begins with another text, whoever has changed them", async () => {
    const before = await shownPublished();
    const events = await listen();
    await events.until(`${before}\n\n`);
    await app.settings.change({ MODEL_CALLS: "off" }, { by: "another tab" });
    await events.end();
    const again = await listen();
    await again.until("event: published");
    expect(again.text()).not.toContain(`${before}\n\n`);
    // As another replica does it.
    const { version: expectedVersion } = app.settings;
    const values = { MODEL_CALLS: null };
    expect(await app.store.changeSettings(settingsChange({ expectedVersion, values }))).toBe(true);
    await app.settings.refresh();
    await again.end();
  });

  test("of another server begins with another text, also after as many events", async () => {
    const here = await shownPublished();
    await app.close();
    app = createTestApp();
    owner = await openDashboard(app);
    expect(await shownPublished()).not.toBe(here);
  });

  test("has a heartbeat", async () => {
    const events = await listen();
    await events.until(":\n\n:\n\n");
    events.leave();
  });

  test("is forgotten when its reader leaves", async () => {
    const events = await listen();
    expect(app.chat.activity.subscribers).toBe(1);
    events.leave();
    expect(app.chat.activity.subscribers).toBe(0);
    await ask();
  });

  test("is forgotten at its next heartbeat when only its body was cancelled", async () => {
    const events = await listen();
    await events.cancel();
    await untilNobodyListens();
  });

  test("ends with the session that opened it", async () => {
    const events = await listen();
    await owner.post("/dashboard/logout");
    await events.end();
    expect(app.chat.activity.subscribers).toBe(0);
  });

  test("does not keep a session alive", async () => {
    const events = await listen();
    app.clock.advance(24 * 60 * 60 * 1000 + 1);
    await events.end();
    expectErrorPage(await owner.get("/dashboard"), "login_required");
  });

  test("ends when the server drains, so that the server can stop", async () => {
    const events = await listen();
    await app.chat.drain(0);
    await events.end();
    const late = await listen();
    await late.end();
  });

  test("ends after a thousand events, whether they were read or not", async () => {
    const response = await app.fetch(EVENTS, { headers: { cookie: owner.cookie } });
    for (let i = 0; i < 2000; i++) {
      app.chat.activity.publish({ conversationId: "c_1", kind: "answer" });
    }
    expect(app.chat.activity.subscribers).toBe(0);
    const text = await response.text();
    expect(text).toMatch(/^event: published\ndata: \S+\n\n/);
    expect(activities(text)).toHaveLength(999);
  });

  test("is refused when too many are open, until one is closed", async () => {
    const open = await Promise.all(Array.from({ length: 64 }, () => listen()));
    const refused = await app.fetch(EVENTS, { headers: { cookie: owner.cookie } });
    expectErrorPage(await readAnswer(refused), "too_many_viewers");
    open[0]?.leave();
    open.push(await listen());
    for (const events of open) events.leave();
  });

  test("ends on a socket, so that the server stops", async () => {
    const base = app.listen();
    const headers = { cookie: owner.cookie };
    const events = followBody(await fetch(`${base}${EVENTS}`, { headers }));
    await events.until("published");
    await app.chat.drain(0);
    await events.end();
    await app.app.server?.stop();
  });

  test("gives its place back on a socket when the browser leaves, long before a heartbeat", async () => {
    await app.close();
    app = createTestApp({ config: { turns: { heartbeatIntervalMs: 600_000 } } });
    owner = await openDashboard(app);
    const base = app.listen();
    const browser = new AbortController();
    const { signal } = browser;
    const pages = Array.from({ length: 64 }, async () => {
      const page = await fetch(`${base}${EVENTS}`, { headers: { cookie: owner.cookie }, signal });
      await followBody(page).until("published");
    });
    await Promise.all(pages);
    expect(app.chat.activity.subscribers).toBe(64);
    browser.abort();
    await untilNobodyListens();
    const next = await listen();
    next.leave();
  });
});
