import { afterEach, beforeEach, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseNdjson, parseSse } from "../../harness/streams.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** Clients such as fetch-event-source repeat the request when a stream breaks, with Last-Event-ID. */

let server: ModelServer;
let app: TestApp;

beforeEach(() => {
  server = startModelServer(answer("Hello there"));
  app = createTestApp({ modelUrl: server.url });
});
afterEach(async () => {
  await app.close();
  await server.stop();
});

const QUESTION = { sessionId: "visitor-1", message: "Hi" };
const KEYED = { "idempotency-key": "once" };

function ask(headers: Record<string, string> = {}, path = "/v1/chat/stream") {
  return app.fetch(path, chatRequest(QUESTION, headers));
}

const numbersOf = (text: string) => parseSse(text).map(({ id }) => id);

test("a question repeated with Last-Event-ID returns the events after it, and none twice", async () => {
  const whole = await (await ask(KEYED)).text();
  expect(numbersOf(whole)).toEqual(["1", "2", "3", "4"]);
  const repeated = await ask({ ...KEYED, "last-event-id": "2" });
  expect(await repeated.text()).toBe(whole.slice(whole.indexOf("id: 3\n")));
  expect(server.calls).toHaveLength(1);
});

test("a question repeated in the middle of its answer goes on with the next token", async () => {
  server.script = silence;
  const url = app.listen();
  const first = followBody(await fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION, KEYED)));
  const call = await server.call(0);
  call.token("one ");
  await first.until("one ");
  await first.cancel();
  const headers = { ...KEYED, "last-event-id": "2" };
  const init = chatRequest(QUESTION, headers);
  const again = followBody(await fetch(`${url}/v1/chat/stream`, init));
  call.token("two");
  call.finish();
  const events = parseSse(await again.end());
  expect(events.map(({ id, event }) => [id, event])).toEqual([
    ["3", "token"],
    ["4", "done"],
  ]);
  expect(events[1]?.data).toMatchObject({ message: "one two" });
});

test("a question repeated by a reader who has everything gets a stream that ends at once without events", async () => {
  await (await ask(KEYED)).text();
  const repeated = await ask({ ...KEYED, "last-event-id": "4" });
  expect(repeated.status).toBe(200);
  expect(repeated.headers.get("content-type")).toStartWith("text/event-stream");
  expect(await repeated.text()).toBe("");
});

test("a stream without events arrives whole over a socket", async () => {
  const url = app.listen();
  const repeat = (headers: Record<string, string>) =>
    fetch(`${url}/v1/chat/stream`, chatRequest(QUESTION, headers));
  await (await repeat(KEYED)).text();
  const repeated = await repeat({ ...KEYED, "last-event-id": "4" });
  expect([repeated.status, await repeated.text()]).toEqual([200, ""]);
});

test("a question repeated after a restart returns how its answer ended, and then nothing more", async () => {
  await (await ask(KEYED)).text();
  app = createTestApp({ modelUrl: server.url, store: app.store });
  const [end, ...more] = parseSse(await (await ask({ ...KEYED, "last-event-id": "2" })).text());
  expect(end).toMatchObject({ event: "done", data: { message: "Hello there" } });
  expect(more).toEqual([]);
  const last = await ask({ ...KEYED, "last-event-id": end?.id ?? "" });
  expect([last.status, await last.text()]).toEqual([200, ""]);
  expect(numbersOf(await (await ask(KEYED)).text())).toEqual(["1", "2", "3"]);
});

test.each([
  ["that the turn does not have", { ...KEYED, "last-event-id": "77" }],
  ["of no event at all", { ...KEYED, "last-event-id": "0" }],
])(
  "a repeated question with a Last-Event-ID %s is answered from the beginning",
  async (_, headers) => {
    await (await ask(KEYED)).text();
    expect(numbersOf(await (await ask(headers)).text())).toEqual(["1", "2", "3", "4"]);
  },
);

test.each([
  ["without an Idempotency-Key", { "last-event-id": "1" }],
  ["under a key that is new", { ...KEYED, "last-event-id": "1" }],
])(
  "a question asked for the first time with a Last-Event-ID, %s, is answered from the beginning",
  async (_, headers) => {
    expect(numbersOf(await (await ask(headers)).text())).toEqual(["1", "2", "3", "4"]);
  },
);

test("a Last-Event-ID that is not a number is refused, and the model is not asked", async () => {
  const refused = await ask({ ...KEYED, "last-event-id": "abc" });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    code: "invalid_request",
    details: [{ path: "/last-event-id" }],
  });
  expect(server.calls).toHaveLength(0);
});

test("a question repeated with Last-Event-ID and another text is a conflict", async () => {
  await (await ask(KEYED)).text();
  const other = chatRequest({ ...QUESTION, message: "Bye" }, { ...KEYED, "last-event-id": "2" });
  expect((await app.fetch("/v1/chat/stream", other)).status).toBe(422);
});

test("a repeated question of a minted session needs the session's token", async () => {
  const minted = await app.fetch("/v1/sessions", { ...chatRequest(""), body: null });
  const { sessionId, sessionToken } = (await minted.json()) as Record<string, string>;
  const body = { ...QUESTION, sessionId };
  const token = { ...KEYED, "x-session-token": sessionToken ?? "" };
  await (await app.fetch("/v1/chat/stream", chatRequest(body, token))).text();
  const stolen = chatRequest(body, { ...KEYED, "last-event-id": "2" });
  expect((await app.fetch("/v1/chat/stream", stolen)).status).toBe(401);
});

test("the alias /chat also continues a repeated question after its last event", async () => {
  await (await ask(KEYED, "/chat")).text();
  const repeated = await ask({ ...KEYED, "last-event-id": "3" }, "/chat");
  expect(parseNdjson(await repeated.text()).map(({ type }) => type)).toEqual(["done"]);
});
