import { afterEach, expect, test } from "bun:test";

import { type FaultyModel, respond, startFaultyModel } from "../../harness/faulty-model.ts";
import { completion } from "../../harness/model-server.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** A request whose connection breaks is sent again. Its server may have generated the whole answer each time. */

const OUTPUT_LIMIT = 50;
const JSON_HEAD = { "content-type": "application/json" };
/** Reported as 11 tokens of input and 7 of output. */
const GOOD = respond(200, JSON_HEAD, JSON.stringify(completion("Hello there")));
const DAY = "2026-11-23";

let model: FaultyModel;
let app: TestApp;

afterEach(async () => {
  await app.close();
  await model.stop();
});

/** Starts a server whose model treats its first requests so, and answers the others. */
async function start(...first: Parameters<typeof startFaultyModel>[0][]): Promise<void> {
  let requests = 0;
  model = await startFaultyModel((question) => (first[requests++] ?? (() => GOOD))(question));
  app = createTestApp({
    modelUrl: model.url,
    env: {
      KNOWLEDGE_MODE: "off",
      SYSTEM_PROMPT: "Be kind.",
      MAX_OUTPUT_TOKENS: String(OUTPUT_LIMIT),
      BUDGET_UNIT: "tokens",
      BUDGET_PER_DAY: "1000000",
    },
  });
}

/** Breaks the connection before the head of the answer. */
const cut = () => (socket: { destroy(): void }) => void socket.destroy();
const status = (code: number) => () => respond(code, { ...JSON_HEAD, "retry-after": "0" }, "{}");

async function askAndReadOutput(): Promise<number> {
  await app.fetch("/v1/chat", chatRequest({ sessionId: "visitor-1", message: "Hi" }));
  const [day] = await app.store.spentIn([DAY]);
  return day?.outputTokens ?? 0;
}

test("each request that was lost before its answer counts as a whole one, besides the answer", async () => {
  await start(cut, cut);
  expect(await askAndReadOutput()).toBe(2 * OUTPUT_LIMIT + 7);
  expect(model.questions).toHaveLength(3);
});

test("when all requests are lost, each of them counts", async () => {
  await start(cut, cut, cut);
  expect(await askAndReadOutput()).toBe(3 * OUTPUT_LIMIT);
  expect(model.questions).toHaveLength(3);
});

test("a proxy that gave up waiting counts as a lost request, and a refusal does not", async () => {
  await start(status(504), status(429));
  expect(await askAndReadOutput()).toBe(OUTPUT_LIMIT + 7);
  expect(model.questions).toHaveLength(3);
});

test("a model that refuses in the end costs nothing, but what was lost before", async () => {
  await start(cut, status(401));
  expect(await askAndReadOutput()).toBe(OUTPUT_LIMIT);
  expect(model.questions).toHaveLength(2);
});
