import { afterEach, describe, expect, test } from "bun:test";

import {
  answer,
  failure,
  type ModelServer,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { askAsOwner, readList, readThread } from "../support/admin-requests.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { ADMIN_KEY, chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

let server: ModelServer;
let app: TestApp;

function start(script = answer("Hello there")): void {
  server = startModelServer(script);
  app = createTestApp({ modelUrl: server.url });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

async function ask(message: string, sessionId = "a"): Promise<Response> {
  return app.fetch("/v1/chat/stream", chatRequest({ sessionId, message }));
}

async function onlyConversationId(): Promise<string> {
  const { conversations } = await readList(app);
  expect(conversations).toHaveLength(1);
  return conversations[0]?.id ?? "";
}

describe("GET /v1/admin/conversations/:id", () => {
  test("returns the messages, oldest first, with everything that is known about the answers", async () => {
    start();
    const askedAt = app.clock.now();
    await (await ask("First?")).text();
    app.clock.advance(60_000);
    await (await ask("Second?")).text();

    const id = await onlyConversationId();
    const { conversation, messages } = await readThread(app, id);
    expect(conversation).toEqual({
      id,
      sessionId: "a",
      createdAt: askedAt,
      updatedAt: askedAt + 60_000,
      lastMessage: "Hello there",
      messageCount: 4,
    });
    expect(messages.map(({ content }) => content)).toEqual([
      "First?",
      "Hello there",
      "Second?",
      "Hello there",
    ]);
    expect(messages[2]).toEqual({
      id: expect.any(Number),
      turnId: expect.stringMatching(/^t_/),
      role: "user",
      content: "Second?",
      status: "complete",
      createdAt: askedAt + 60_000,
    });
    expect(messages[3]).toEqual({
      id: expect.any(Number),
      turnId: messages[2]?.turnId ?? "",
      role: "assistant",
      content: "Hello there",
      status: "complete",
      createdAt: askedAt + 60_000,
      model: "test-model",
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
      finishReason: "stop",
      firstTokenMs: expect.any(Number),
      durationMs: expect.any(Number),
    });
    const { firstTokenMs = -1, durationMs = -1 } = messages[3] ?? {};
    expect(firstTokenMs).toBeGreaterThanOrEqual(0);
    expect(durationMs).toBeGreaterThanOrEqual(firstTokenMs);
  });

  test.each([98, 100, 102, 200, 350])(
    "returns all of %p messages, with the same headers and the same shape for every number",
    async (count) => {
      start();
      const { store } = app;
      for (let i = 0; i < count; i += 2) {
        await storeExchange(store, { sessionId: "a", question: `"${i}"`, answer: `${i + 1}` });
        await storeExchange(store, { sessionId: "b" });
      }
      const id = (await store.findConversationBySession("a"))?.id ?? "";
      const whole = await readThread(app, id);
      const messages = await store.listMessages(id);
      expect(whole.messages).toHaveLength(count);
      expect(whole).toEqual({ conversation: whole.conversation, messages, requests: [] });
      const { headers } = await askAsOwner(app, `/${id}`);
      expect(headers.get("content-type")).toBe("application/json;charset=utf-8");
      expect(headers.get("cache-control")).toBe("no-store");
      const method = "HEAD";
      const head = await askAsOwner(app, `/${id}`, {
        method,
        headers: { "x-admin-api-key": ADMIN_KEY },
      });
      expect([head.status, await head.text()]).toEqual([200, ""]);
    },
  );

  test("reads large answers in pages bounded by their size, and returns them all", async () => {
    start();
    for (let i = 0; i < 20; i += 1) {
      await storeExchange(app.store, { question: `Question ${i}`, answer: "x".repeat(50_000) });
    }
    const pages: number[] = [];
    const { messagesAfter } = app.store;
    app.store.messagesAfter = async (...args) => {
      const page = await messagesAfter.apply(app.store, args);
      pages.push(page.reduce((sum, { content }) => sum + content.length, 0));
      return page;
    };
    const { messages } = await readThread(app, await onlyConversationId());
    expect(messages).toHaveLength(40);
    expect(Math.max(...pages)).toBeLessThan(200_000);
  });

  test("lets other requests run between the pages of a long thread", async () => {
    start();
    for (let i = 0; i < 500; i += 1) await storeExchange(app.store);
    const id = await onlyConversationId();
    let turns = 0;
    let isReading = true;
    const count = () => {
      turns += 1;
      if (isReading) setImmediate(count);
    };
    count();
    expect((await readThread(app, id)).messages).toHaveLength(1000);
    isReading = false;
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  test("reads a long thread as the client takes it, and stops when the client has gone", async () => {
    start();
    for (let i = 0; i < 500; i += 1) await storeExchange(app.store);
    let pages = 0;
    const { messagesAfter } = app.store;
    app.store.messagesAfter = (...args) => {
      pages += 1;
      return messagesAfter.apply(app.store, args);
    };
    const reader = (await askAsOwner(app, `/${await onlyConversationId()}`)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(pages).toBeLessThan(4);
  });

  test("says why an answer failed, in our words and not the model's", async () => {
    start(() => failure(400));
    await (await ask("Hi?")).text();
    const response = await askAsOwner(app, `/${await onlyConversationId()}`);
    const text = await response.text();
    const { messages } = JSON.parse(text);
    expect(messages[0]).toMatchObject({ content: "Hi?", status: "complete" });
    expect(messages[1]).toMatchObject({
      content: "",
      status: "failed",
      errorCode: "model_error",
      model: "test-model",
      durationMs: expect.any(Number),
    });
    expect(messages[1]).not.toHaveProperty("firstTokenMs");
    expect(text).not.toContain("sk-secret-upstream");
  });

  test("returns an answer under way as streaming", async () => {
    start(silence);
    const reader = followBody(await ask("Hi?"));
    const call = await server.call(0);
    call.token("So far");
    await reader.until("So far");
    const { messages } = await readThread(app, await onlyConversationId());
    expect(messages[1]).toMatchObject({ status: "streaming" });
    expect(messages[1]).not.toHaveProperty("finishReason");
    call.finish();
    await reader.end();
  });

  test.each(["GET", "DELETE"])(
    "answers %s of an unknown conversation with a 404 that repeats nothing",
    async (method) => {
      start();
      for (const id of ["c_unknown-secretvalue", "%00", "..%2f..", "'; DROP TABLE messages"]) {
        const response = await askAsOwner(app, `/${id}`, { method, headers: KEY });
        expect(response.status).toBe(404);
        const text = await response.text();
        expect(JSON.parse(text)).toMatchObject({ code: "not_found" });
        expect(text).not.toContain("secretvalue");
      }
    },
  );
});

const KEY = { "x-admin-api-key": "admin-key-for-tests-01234567890" };

describe("DELETE /v1/admin/conversations/:id", () => {
  const erase = (id: string) => askAsOwner(app, `/${id}`, { method: "DELETE", headers: KEY });

  test("erases the conversation: 204 without a body, then 404", async () => {
    start();
    await (await ask("Hi?")).text();
    await (await ask("Hi?", "somebody-else")).text();
    const { conversations } = await readList(app);
    const id = conversations.find(({ sessionId }) => sessionId === "a")?.id ?? "";

    const response = await erase(id);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect((await askAsOwner(app, `/${id}`)).status).toBe(404);
    expect((await erase(id)).status).toBe(404);
    const left = await readList(app);
    expect(left.total).toBe(1);
    expect(left.conversations.map(({ sessionId }) => sessionId)).toEqual(["somebody-else"]);
  });

  test("makes it impossible to resume the conversation's turns", async () => {
    start();
    const [begun] = parseSse(await (await ask("Hi?")).text());
    const turnId = begun?.data.type === "start" ? begun.data.turnId : "";
    const resume = () => app.fetch(`/v1/chat/stream/${turnId}`, { headers: RESUME });
    expect((await resume()).status).toBe(200);
    await erase(await onlyConversationId());
    expect((await resume()).status).toBe(404);
  });

  test("stops an answer under way, and nothing of it comes back", async () => {
    start(silence);
    const reader = followBody(await ask("Hi?"));
    const call = await server.call(0);
    call.token("Half an");
    await reader.until("Half an");

    expect((await erase(await onlyConversationId())).status).toBe(204);
    await call.left;
    expect(await reader.end()).toContain('"type":"done"');
    expect(await readList(app)).toMatchObject({ conversations: [], total: 0 });
    expect(await (await askAsOwner(app, "/export")).text()).toBe("");

    // The session goes on, without anything that was erased.
    server.script = answer("Hello again");
    await (await ask("And now?")).text();
    expect((await server.call(1)).body.messages.slice(1)).toEqual([
      { role: "user", content: "And now?" },
    ]);
    expect((await readList(app)).total).toBe(1);
  });

  test("stops an answer under way that nobody streams, too", async () => {
    start(silence);
    const asked = app.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi?" }));
    const call = await server.call(0);
    expect((await erase(await onlyConversationId())).status).toBe(204);
    await call.left;
    await (await asked).text();
    expect(await readList(app)).toMatchObject({ conversations: [], total: 0 });
  });
});

const RESUME = { "x-api-key": "widget-key-for-tests-0123456789" };
