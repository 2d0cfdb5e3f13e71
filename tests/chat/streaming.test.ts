import { afterEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseNdjson, parseSse } from "../../harness/streams.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

let server: ModelServer;
let app: TestApp;

function start(options: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer(answer("Hello there, visitor "));
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

const QUESTION = { sessionId: "visitor-1", message: "Hi" };

describe("the events of a turn", () => {
  test("are start, tokens and done, numbered from 1, in SSE", async () => {
    start();
    const response = await app.fetch("/v1/chat/stream", chatRequest(QUESTION));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(response.headers.get("x-accel-buffering")).toBe("no");

    const messages = parseSse(await response.text());
    expect(messages.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5"]);
    expect(messages.map(({ event }) => event)).toEqual([
      "start",
      "token",
      "token",
      "token",
      "done",
    ]);
    expect(messages.every(({ event, data }) => event === data.type)).toBe(true);
    const [first] = messages;
    if (first?.data.type !== "start") throw new Error("no start");
    const { conversationId, turnId } = first.data;
    expect(turnId).toMatch(/^t_[\w-]{22}$/);
    expect(messages.at(-1)?.data).toEqual({
      type: "done",
      message: "Hello there, visitor",
      conversationId,
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
      finishReason: "stop",
    });
  });

  test("are the same JSON in NDJSON", async () => {
    start();
    const init = chatRequest(QUESTION, { accept: "application/x-ndjson" });
    const response = await app.fetch("/v1/chat/stream", init);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    const events = parseNdjson(await response.text());
    expect(events.map(({ type }) => type)).toEqual(["start", "token", "token", "token", "done"]);
    expect(events.slice(1, 4).map((event) => "token" in event && event.token)).toEqual([
      "Hello ",
      "there, ",
      "visitor ",
    ]);
  });

  test("join to the message that is stored and that /v1/chat returns, trimmed", async () => {
    start();
    const response = await app.fetch("/v1/chat", chatRequest(QUESTION));
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toEqual({
      conversationId: expect.stringMatching(/^c_[\w-]{22}$/),
      message: "Hello there, visitor",
      turnId: expect.stringMatching(/^t_[\w-]{22}$/),
      usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 },
      finishReason: "stop",
    });
    const messages = await app.store.listMessages(String(body.conversationId));
    expect(messages.map(({ content }) => content)).toEqual(["Hi", "Hello there, visitor"]);
  });

  test("join to an answer of /v1/chat that says it was cut by its length", async () => {
    start();
    server.script = (call) => {
      call.token("Once upon");
      call.finish("length");
    };
    const joined = { "idempotency-key": "once" };
    await (await app.fetch("/v1/chat/stream", chatRequest(QUESTION, joined))).text();
    const response = await app.fetch("/v1/chat", chatRequest(QUESTION, joined));
    expect(await response.json()).toMatchObject({ message: "Once upon", finishReason: "length" });
  });

  test("have one line of data even when a token has line ends", async () => {
    start();
    server.script = (call) => {
      call.token("one\n\ntwo\r\nid: 9\u2028three");
      call.finish();
    };
    const response = await app.fetch("/v1/chat/stream", chatRequest(QUESTION));
    const messages = parseSse(await response.text());
    expect(messages[1]?.data).toEqual({ type: "token", token: "one\n\ntwo\r\nid: 9\u2028three" });
  });
});

describe("the stream format", () => {
  const cases = [
    { path: "/v1/chat/stream", accept: undefined, type: "text/event-stream" },
    { path: "/v1/chat/stream", accept: "*/*", type: "text/event-stream" },
    { path: "/v1/chat/stream", accept: "application/x-ndjson", type: "application/x-ndjson" },
    { path: "/v1/chat/stream", accept: "Text/Event-Stream", type: "text/event-stream" },
    {
      path: "/v1/chat/stream",
      accept: "text/event-stream;q=0.5, application/x-ndjson;q=0.9",
      type: "application/x-ndjson",
    },
    { path: "/v1/chat/stream", accept: "application/x-ndjson;q=0", type: "text/event-stream" },
    { path: "/chat", accept: undefined, type: "application/x-ndjson" },
    { path: "/chat", accept: "*/*", type: "application/x-ndjson" },
    { path: "/chat", accept: "text/event-stream", type: "text/event-stream" },
  ];
  test.each(cases)("of $path with Accept $accept is $type", async ({ path, accept, type }) => {
    start();
    const response = await app.fetch(path, chatRequest(QUESTION, accept ? { accept } : {}));
    expect(response.headers.get("content-type")).toStartWith(type);
    await response.text();
  });

  test("is STREAM_FORMAT's for clients that name none", async () => {
    start({ env: { STREAM_FORMAT: "ndjson" } });
    const response = await app.fetch("/v1/chat/stream", chatRequest(QUESTION));
    expect(response.headers.get("content-type")).toStartWith("application/x-ndjson");
    await response.text();
  });
});

describe("a silent model", () => {
  test.each([
    { format: "SSE", accept: "text/event-stream", heartbeat: ":\n\n:\n\n" },
    { format: "NDJSON", accept: "application/x-ndjson", heartbeat: "\n\n\n" },
  ])("is bridged by heartbeats in $format", async ({ accept, heartbeat }) => {
    start({ config: { turns: { heartbeatIntervalMs: 20 } } });
    server.script = silence;
    const response = await app.fetch("/v1/chat/stream", chatRequest(QUESTION, { accept }));
    const body = followBody(response);
    await body.until(heartbeat);
    const call = await server.call(0);
    call.token("at last");
    call.finish();
    expect(await body.end()).toContain("at last");
  });

  test("is given up after the first-token deadline: 504, and an error event", async () => {
    start({ env: { MODEL_FIRST_TOKEN_TIMEOUT_MS: "30" } });
    server.script = silence;
    const json = await app.fetch("/v1/chat", chatRequest(QUESTION));
    expect(json.status).toBe(504);
    expect(await json.json()).toMatchObject({ code: "model_timeout" });

    const streamed = await app.fetch("/v1/chat/stream", chatRequest(QUESTION));
    expect(streamed.status).toBe(200);
    const messages = parseSse(await streamed.text());
    expect(messages.map(({ data }) => data.type)).toEqual(["start", "error"]);
    expect(messages.at(-1)?.data).toEqual({
      type: "error",
      code: "model_timeout",
      error: "The language model took too long to answer.",
    });
    await Promise.all(server.calls.map(({ left }) => left));
  });

  test("between tokens is given up after the idle deadline; what came is kept", async () => {
    start({ env: { MODEL_IDLE_TIMEOUT_MS: "40" } });
    server.script = (call) => call.token("so far");
    const response = await app.fetch("/v1/chat/stream", chatRequest(QUESTION));
    const messages = parseSse(await response.text());
    expect(messages.map(({ data }) => data.type)).toEqual(["start", "token", "error"]);
    expect(messages.at(-1)?.data).toMatchObject({ code: "model_timeout" });
    const { conversations } = await app.store.listConversations({ limit: 1 });
    const stored = await app.store.listMessages(conversations[0]?.id ?? "");
    expect(stored[1]).toMatchObject({ content: "so far", status: "interrupted" });
  });
});

describe("readers of one turn", () => {
  test("get byte-identical events, also after a reconnect", async () => {
    start();
    server.script = silence;
    const url = app.listen();
    const first = followBody(await fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION)));
    const call = await server.call(0);
    call.token("one ");
    call.token("two ");
    await first.until('"two "');
    const turnId = /"turnId":"([^"]+)"/.exec(first.text())?.[1] ?? "";

    const headers = { "x-api-key": WIDGET_KEY, accept: "text/event-stream" };
    const whole = followBody(await fetch(`${url}/v1/chat/stream/${turnId}`, { headers }));
    await whole.until('"two "');
    const broken = followBody(await fetch(`${url}/v1/chat/stream/${turnId}`, { headers }));
    const seen = await broken.until('"one "');
    await broken.cancel();
    const resumed = followBody(
      await fetch(`${url}/v1/chat/stream/${turnId}`, {
        headers: { ...headers, "last-event-id": "2" },
      }),
    );
    call.token("three");
    call.finish();

    const bytes = await first.end();
    expect(await whole.end()).toBe(bytes);
    expect(bytes).toStartWith(seen.split("id: 3\n")[0] ?? "");
    expect(await resumed.end()).toBe(bytes.slice(bytes.indexOf("id: 3\n")));
    expect(parseSse(bytes).at(-1)?.data).toMatchObject({ message: "one two three" });
    expect(server.calls).toHaveLength(1);
  });

  test("that left do not end the answer while another one reads", async () => {
    start({ env: { ABANDONED_TURN_GRACE_MS: "0" } });
    server.script = silence;
    const url = app.listen();
    const asker = followBody(await fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION)));
    await asker.until("turnId");
    const turnId = /"turnId":"([^"]+)"/.exec(asker.text())?.[1] ?? "";
    const headers = { "x-api-key": WIDGET_KEY };
    const second = followBody(await fetch(`${url}/v1/chat/stream/${turnId}`, { headers }));
    await second.until("start");
    await asker.cancel();
    const call = await server.call(0);
    call.token("still here");
    call.finish();
    const events = parseSse(await second.end());
    expect(events.at(-1)?.data).toMatchObject({ type: "done", message: "still here" });
  });

  test("end the answer and the model call once all have left for the grace period", async () => {
    start({ env: { ABANDONED_TURN_GRACE_MS: "50" } });
    server.script = (call) => call.token("half an ans");
    const url = app.listen();
    const asker = followBody(await fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION)));
    await asker.until("half an ans");
    const call = await server.call(0);
    expect(call.hasLeft()).toBe(false);
    await asker.cancel();
    await call.left;
    await app.chat.drain(1000);
    const { conversations } = await app.store.listConversations({ limit: 1 });
    const stored = await app.store.listMessages(conversations[0]?.id ?? "");
    expect(stored[1]).toMatchObject({
      content: "half an ans",
      status: "stopped",
      finishReason: "stopped",
    });
  });

  test("include the clients of /v1/chat, so that one that leaves stops the model", async () => {
    start({ env: { ABANDONED_TURN_GRACE_MS: "10" } });
    server.script = () => new Promise(() => {});
    const url = app.listen();
    const controller = new AbortController();
    const request = fetch(`${url}/v1/chat`, {
      ...chatRequest(QUESTION),
      signal: controller.signal,
    }).catch((error: unknown) => error);
    const call = await server.call(0);
    controller.abort();
    await call.left;
    expect(await request).toBeInstanceOf(Error);
  });
});
