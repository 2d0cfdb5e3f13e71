import { afterEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseSse, type ResponseReader } from "../../harness/streams.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel, type Observed, observeWrites } from "../support/observed.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

const CHAT_PATHS = ["/v1/chat", "/v1/chat/stream", "/chat"];
const KEY = { "x-api-key": WIDGET_KEY };

let app: TestApp;
let server: ModelServer | undefined;

afterEach(async () => {
  await app.close();
  await server?.stop();
  server = undefined;
});

function ask(path: string, sessionId: string, headers: Record<string, string> = {}) {
  return app.fetch(path, chatRequest({ sessionId, message: "Hi" }, headers));
}

async function expectRefused(response: Promise<Response>): Promise<void> {
  const refused = await readAnswer(await response);
  expectError(refused, "overloaded");
  expect(refused.headers.get("retry-after")).toMatch(/^[1-5]$/);
}

describe("the limit MAX_CONCURRENT_TURNS", () => {
  function start(maxConcurrentTurns: number, store?: Store): ModelServer {
    server = startModelServer(silence);
    app = createTestApp({
      env: { MAX_CONCURRENT_TURNS: String(maxConcurrentTurns) },
      modelUrl: server.url,
      ...(store ? { store } : {}),
    });
    return server;
  }

  async function open(sessionId: string): Promise<ResponseReader> {
    const response = await ask("/v1/chat/stream", sessionId);
    expect(response.status).toBe(200);
    return followBody(response);
  }

  test("lets in that many answers, refuses the next at every path, and makes room when one ends", async () => {
    const model = start(2);
    const first = await open("a");
    const second = await open("b");
    for (const path of CHAT_PATHS) await expectRefused(ask(path, "c"));
    expect(await app.store.findConversationBySession("c")).toBeUndefined();
    (await model.call(0)).finish();
    await first.end();
    const third = await open("c");
    await expectRefused(ask("/chat", "a"));
    for (const index of [1, 2]) (await model.call(index)).finish();
    await Promise.all([second.end(), third.end()]);
    expect(model.calls).toHaveLength(3);
  });

  test("lets exactly that many of 50 simultaneous questions reach the model", async () => {
    const model = start(10);
    const asked = Array.from({ length: 50 }, (_, i) => ask("/v1/chat/stream", `visitor-${i}`));
    const responses = await Promise.all(asked);
    const statuses = responses.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([
      ...Array.from({ length: 10 }, () => 200),
      ...Array.from({ length: 40 }, () => 503),
    ]);
    await model.call(9);
    expect(model.calls).toHaveLength(10);
    for (const call of model.calls) call.finish();
    await Promise.all(responses.map((response) => response.text()));
  });

  test("does not count a question that could not be stored", async () => {
    const store = openSqliteStore(":memory:");
    let isFull = true;
    const flaky = new Proxy(store, {
      get(target, name) {
        if (name === "beginTurn" && isFull) return () => Promise.reject(new Error("disk is full"));
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const model = start(1, flaky);
    expect((await ask("/v1/chat", "a")).status).toBe(500);
    isFull = false;
    model.script = answer("Fine");
    expect((await ask("/v1/chat", "b")).status).toBe(200);
  });
});

describe("an event loop that is behind", () => {
  let loop: { isBehind: boolean };
  let model: Observed<ChatModel>;
  let store: Observed<Store>;

  function start(): void {
    loop = { isBehind: false };
    model = createObservedModel();
    store = observeWrites(openSqliteStore(":memory:"));
    app = createTestApp({ loop, model: model.part, store: store.part });
  }

  test.each(CHAT_PATHS)(
    "refuses questions at %s without storing or asking anything, and recovers",
    async (path) => {
      start();
      loop.isBehind = true;
      await expectRefused(ask(path, "a"));
      await expectRefused(ask(path, "a", { "idempotency-key": "never seen" }));
      expect({ model: model.calls, store: store.calls }).toEqual({ model: [], store: [] });
      loop.isBehind = false;
      const accepted = await ask(path, "a");
      expect(accepted.status).toBe(200);
      expect(accepted.headers.has("retry-after")).toBe(false);
      expect(await accepted.text()).toContain("Hello there");
    },
  );

  test("sends a refusal from which a browser can read when to come again", async () => {
    start();
    loop.isBehind = true;
    const refused = await ask("/chat", "a", { origin: ALLOWED_ORIGIN });
    expect(refused.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
    expect(refused.headers.get("access-control-expose-headers")).toContain("retry-after");
  });

  test("is reported only if nothing is wrong with the request itself", async () => {
    start();
    loop.isBehind = true;
    const wrong = [
      { code: "unauthorized", init: chatRequest("{}", { "x-api-key": "wrong" }) },
      { code: "invalid_json", init: chatRequest("{") },
      { code: "invalid_request", init: chatRequest({ sessionId: "a" }) },
      {
        code: "session_token_invalid",
        init: chatRequest({ sessionId: `s_${"A".repeat(22)}`, message: "Hi" }),
      },
    ] as const;
    for (const { code, init } of wrong) {
      expectError(await readAnswer(await app.fetch("/v1/chat", init)), code);
    }
  });

  test("is not reported by a server that is shutting down, which will not be back in 2 s", async () => {
    start();
    loop.isBehind = true;
    await app.chat.drain(0);
    expectError(await readAnswer(await ask("/v1/chat", "a")), "draining");
  });

  test("does not refuse answers that already exist", async () => {
    start();
    const key = { "idempotency-key": "first" };
    const streamed = await (await ask("/v1/chat/stream", "a", key)).text();
    const [begun] = parseSse(streamed).map(({ data }) => data);
    const turnId = begun?.type === "start" ? begun.turnId : "";
    const minted = await app.fetch("/v1/sessions", { method: "POST", headers: KEY });
    const { sessionId, sessionToken } = (await minted.json()) as Record<string, string>;
    const writes = [...store.calls];

    loop.isBehind = true;
    expect(await (await ask("/v1/chat/stream", "a", key)).text()).toBe(streamed);
    const resumed = await app.fetch(`/v1/chat/stream/${turnId}?after=1`, { headers: KEY });
    expect(parseSse(await resumed.text()).at(-1)?.data).toMatchObject({ message: "Hello there" });
    const stopPath = `/v1/chat/stream/${turnId}/stop`;
    expect((await app.fetch(stopPath, { method: "POST", headers: KEY })).status).toBe(200);
    expect((await app.fetch("/v1/sessions", { method: "POST", headers: KEY })).status).toBe(200);
    const history = await app.fetch(`/v1/chat/history?sessionId=${sessionId}`, {
      headers: { ...KEY, "x-session-token": sessionToken ?? "" },
    });
    expect(history.status).toBe(200);
    const admin = { headers: { "x-admin-api-key": ADMIN_KEY } };
    expect((await app.fetch("/v1/admin/conversations", admin)).status).toBe(200);
    for (const path of ["/health", "/ready", "/dashboard/login", "/widget/chat-widget.js"]) {
      expect((await app.fetch(path)).status).toBe(200);
    }
    expect(model.calls).toEqual(["stream"]);
    expect(store.calls).toEqual(writes);
  });
});

test("an answer under way can be joined, read and stopped while the server is full", async () => {
  server = startModelServer(silence);
  const loop = { isBehind: false };
  app = createTestApp({ env: { MAX_CONCURRENT_TURNS: "1" }, modelUrl: server.url, loop });
  const key = { "idempotency-key": "first" };
  const asked = followBody(await ask("/v1/chat/stream", "a", key));
  const call = await server.call(0);
  call.token("So far ");
  const turnId = /"turnId":"([^"]+)"/.exec(await asked.until("So far"))?.[1] ?? "";

  loop.isBehind = true;
  const joined = followBody(await ask("/v1/chat/stream", "a", key));
  const resumed = await app.fetch(`/v1/chat/stream/${turnId}?after=2`, { headers: KEY });
  const second = await readAnswer(await ask("/v1/chat/stream", "a"));
  expectError(second, "turn_in_progress");
  call.token("so good");
  await joined.until("so good");
  const stopped = await app.fetch(`/v1/chat/stream/${turnId}/stop`, {
    method: "POST",
    headers: KEY,
  });
  expect(await stopped.json()).toMatchObject({ message: "So far so good" });
  for (const text of [await asked.end(), await joined.end(), await resumed.text()]) {
    expect(parseSse(text).at(-1)?.data).toMatchObject({ finishReason: "stopped" });
  }
  expect(server.calls).toHaveLength(1);
});
