import { afterEach, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../support/model-server.ts";
import { parseNdjson, parseSse } from "../support/streams.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

let server: ModelServer;
let app: TestApp;

function start(...[options]: Parameters<typeof createTestApp>) {
  server = startModelServer(answer("Hello there, visitor"));
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

test("the stream tells start, the tokens and done, numbered from 1", async () => {
  start();
  const response = await app.fetch(
    "/v1/chat/stream",
    chatRequest({ sessionId: "a", message: "Hi" }),
  );
  expect(response.status).toBe(200);
  const messages = parseSse(await response.text());
  expect(messages.map((message) => message.id)).toEqual(messages.map((_, i) => String(i + 1)));
  expect(messages.map((message) => message.data.type)).toEqual([
    "start",
    "token",
    "token",
    "token",
    "done",
  ]);
  expect(messages.at(-1)?.data).toMatchObject({
    message: "Hello there, visitor",
    finishReason: "stop",
  });
});

test("the original's address answers NDJSON", async () => {
  start();
  const response = await app.fetch("/chat", chatRequest({ sessionId: "a", message: "Hi" }));
  expect(parseNdjson(await response.text()).at(-1)).toMatchObject({ type: "done" });
});
