import { afterEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

let server: ModelServer;
let app: TestApp;

function start(options: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer(answer("Hello there"));
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

const QUESTION = { sessionId: "visitor-1", message: "Hi" };
const KEY = { "x-api-key": WIDGET_KEY };

async function askWhole(): Promise<{ turnId: string; text: string }> {
  const response = await app.fetch("/v1/chat/stream", chatRequest(QUESTION));
  const text = await response.text();
  return { turnId: /"turnId":"([^"]+)"/.exec(text)?.[1] ?? "", text };
}

function resume(turnId: string, query = "", headers: Record<string, string> = {}) {
  return app.fetch(`/v1/chat/stream/${turnId}${query}`, { headers: { ...KEY, ...headers } });
}

/** Another app on the same database, which has what a restart leaves of a turn. */
function restart(): void {
  app = createTestApp({ modelUrl: server.url, store: app.store });
}

describe("resuming a turn that ended a moment ago", () => {
  test("returns the events after ?after=N or Last-Event-ID, and the header wins", async () => {
    start();
    const { turnId, text } = await askWhole();
    expect(await (await resume(turnId)).text()).toBe(text);
    const afterTwo = text.slice(text.indexOf("id: 3\n"));
    expect(await (await resume(turnId, "?after=2")).text()).toBe(afterTwo);
    expect(await (await resume(turnId, "", { "last-event-id": "2" })).text()).toBe(afterTwo);
    expect(await (await resume(turnId, "?after=0", { "last-event-id": "2" })).text()).toBe(
      afterTwo,
    );
  });

  test("answers 204 when there is nothing more, so that an EventSource stops", async () => {
    start();
    const { turnId, text } = await askWhole();
    const response = await resume(turnId, `?after=${parseSse(text).length}`);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
  });

  test.each([
    "?after=99",
    "?after=-1",
    "?after=1.5",
    "?after=x",
    "?after=",
    "?after=99999999999999999999",
  ])("refuses %s", async (query) => {
    start();
    const { turnId } = await askWhole();
    const response = await resume(turnId, query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_request",
      details: [{ path: "/after" }],
    });
  });

  test("answers 404 for an unknown turn", async () => {
    start();
    for (const id of ["t_AAAAAAAAAAAAAAAAAAAAAA", "nonsense", "..%2f..", "a".repeat(3000)]) {
      expect((await resume(id)).status).toBe(404);
    }
  });
});

describe("resuming a turn that is only in the database", () => {
  test("returns the whole text, or only the end to a reader who already has events", async () => {
    start();
    const { turnId } = await askWhole();
    restart();
    const whole = parseSse(await (await resume(turnId)).text());
    expect(whole.map(({ data }) => data.type)).toEqual(["start", "token", "done"]);
    expect(whole.at(-1)?.data).toMatchObject({ message: "Hello there", finishReason: "stop" });
    for (const after of ["1", "7", "999999998", whole.at(-1)?.id]) {
      const [end, ...more] = parseSse(await (await resume(turnId, `?after=${after}`)).text());
      expect(end).toMatchObject({ event: "done", data: { message: "Hello there" } });
      expect(more).toEqual([]);
      // A client that reconnects until there is nothing more stops.
      expect((await resume(turnId, `?after=${end?.id}`)).status).toBe(204);
    }
  });

  test("returns an interrupted answer's text and the error that ended it", async () => {
    start();
    server.script = (call) => {
      call.token("half");
      call.end();
    };
    const { turnId } = await askWhole();
    restart();
    const events = parseSse(await (await resume(turnId)).text()).map(({ data }) => data);
    expect(events).toMatchObject([
      { type: "start" },
      { type: "token", token: "half" },
      { type: "error", code: "model_error" },
    ]);
  });
});

describe("the stop call", () => {
  test("ends the answer at once and keeps what was said", async () => {
    start();
    server.script = (call) => call.token("Once upon a ");
    const url = app.listen();
    const reader = followBody(await fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION)));
    const text = await reader.until("Once upon a ");
    const turnId = /"turnId":"([^"]+)"/.exec(text)?.[1] ?? "";
    const call = await server.call(0);

    const response = await fetch(`${url}/v1/chat/stream/${turnId}/stop`, {
      method: "POST",
      headers: KEY,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      turnId,
      conversationId: expect.stringMatching(/^c_/),
      message: "Once upon a",
      finishReason: "stopped",
    });
    await call.left;
    expect(parseSse(await reader.end()).at(-1)?.data).toMatchObject({
      type: "done",
      message: "Once upon a",
      finishReason: "stopped",
    });

    const again = await fetch(`${url}/v1/chat/stream/${turnId}/stop`, {
      method: "POST",
      headers: KEY,
    });
    expect(await again.json()).toMatchObject({ message: "Once upon a", finishReason: "stopped" });
    server.script = answer("Next");
    const next = await fetch(`${url}/v1/chat`, chatRequest({ ...QUESTION, message: "More" }));
    expect(next.status).toBe(200);
    expect(server.calls[1]?.body.messages.map(({ content }) => content).slice(1)).toEqual([
      "Hi",
      "Once upon a",
      "More",
    ]);
  });

  test("before the first token stores an empty answer, which is not sent to the model later", async () => {
    start();
    server.script = silence;
    const url = app.listen();
    const reader = followBody(await fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION)));
    const turnId = /"turnId":"([^"]+)"/.exec(await reader.until("turnId"))?.[1] ?? "";
    const init = { method: "POST", headers: KEY };
    const response = await fetch(`${url}/v1/chat/stream/${turnId}/stop`, init);
    expect(await response.json()).toMatchObject({ message: "", finishReason: "stopped" });
    server.script = answer("Yes");
    await (await fetch(`${url}/v1/chat`, chatRequest({ ...QUESTION, message: "Again" }))).text();
    const sent = server.calls.at(-1)?.body.messages.map(({ content }) => content);
    expect(sent?.slice(1)).toEqual(["Again"]);
  });

  test("returns how a failed turn ended, and does not fail itself", async () => {
    start();
    server.script = (call) => {
      call.token("half");
      call.end();
    };
    const { turnId } = await askWhole();
    const init = { method: "POST", headers: KEY };
    const response = await app.fetch(`/v1/chat/stream/${turnId}/stop`, init);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      turnId,
      conversationId: expect.stringMatching(/^c_/),
      message: "half",
      code: "model_error",
    });
  });

  test("changes nothing about a finished turn, and returns how it ended", async () => {
    start();
    const { turnId } = await askWhole();
    const init = { method: "POST", headers: KEY };
    const response = await app.fetch(`/v1/chat/stream/${turnId}/stop`, init);
    expect(await response.json()).toMatchObject({ message: "Hello there", finishReason: "stop" });
    expect((await app.fetch("/v1/chat/stream/t_unknown/stop", init)).status).toBe(404);
  });
});
