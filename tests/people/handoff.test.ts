import { afterEach, beforeEach, expect, test } from "bun:test";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { parseSse } from "../../harness/streams.ts";
import { createTestGrounder } from "../support/passages.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/** The event that offers a person after an answer that was not a good one. */

let server: ModelServer;
let app: TestApp;

beforeEach(() => {
  server = startModelServer();
});
afterEach(async () => {
  await app.close();
  await server.stop();
});

function start(person: string): void {
  const { grounder } = createTestGrounder();
  app = createTestApp({ modelUrl: server.url, grounder, env: { PERSON: person } });
}

/** The events of a question to a model that says this, or fails without a word. */
async function ask(said: string | undefined) {
  server.script = (call) => {
    if (said === undefined) return new Response("no", { status: 400 });
    call.token(said);
    call.finish();
    return undefined;
  };
  const body = { sessionId: "visitor-1", message: `How long to Norway? ${crypto.randomUUID()}` };
  return parseSse(await (await app.fetch("/v1/chat/stream", chatRequest(body))).text());
}

async function resume(turnId: string, after: number) {
  const path = `/v1/chat/stream/${turnId}?after=${after}`;
  const response = await app.fetch(path, { headers: { "x-api-key": WIDGET_KEY } });
  return parseSse(await response.text());
}

type Events = Awaited<ReturnType<typeof ask>>;
const namesOf = (events: Events) => events.map(({ event }) => event);
const turnIdOf = (events: Events): string => Object(events[0]?.data).turnId;

test.each([
  ["unknown", "It is not there [0]", "done"],
  ["failed", undefined, "error"],
] as const)("a handoff comes before the end, with the reason %s", async (reason, said, end) => {
  start("poor");
  const events = await ask(said);
  expect(namesOf(events).slice(-2)).toEqual(["handoff", end]);
  expect(events.at(-2)?.data).toEqual({ type: "handoff", reason });
  expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, index) => index + 1));
  const turnId = turnIdOf(events);
  // From memory: after the token, and after the handoff.
  expect(await resume(turnId, events.length - 2)).toEqual(events.slice(-2));
  expect(await resume(turnId, events.length - 1)).toEqual(events.slice(-1));
});

test("a handoff comes also where nothing is known, and the model says so", async () => {
  app = createTestApp({ modelUrl: server.url, env: { PERSON: "poor" } });
  const events = await ask("I do not know. [0]");
  expect(events.at(-2)?.data).toEqual({ type: "handoff", reason: "unknown" });
  expect(events.at(-1)?.data).toMatchObject({ type: "done", message: "I do not know." });
});

test("a good answer has no handoff, nor has a poor one where no person is offered", async () => {
  start("poor");
  expect(namesOf(await ask("Six days [1]."))).not.toContain("handoff");
  await app.close();
  start("off");
  expect(namesOf(await ask("It is not there [0]"))).not.toContain("handoff");
  expect(namesOf(await ask(undefined))).not.toContain("handoff");
});
