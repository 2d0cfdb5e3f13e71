import { afterEach, expect, spyOn, test } from "bun:test";

import { startModelServer } from "../../harness/model-server.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/** A visitor's history as GET /v1/chat/history sends it, even when it is long or large. */

let app: TestApp;

afterEach(() => app.close());

interface History {
  readonly conversationId: string | null;
  readonly messages: readonly { readonly content: string }[];
  readonly activeTurnId: string | null;
}

async function mint(): Promise<{ sessionId: string; headers: Record<string, string> }> {
  const key = { "x-api-key": WIDGET_KEY };
  const minted = await app.fetch("/v1/sessions", { method: "POST", headers: key });
  const { sessionId, sessionToken } = (await minted.json()) as Record<string, string>;
  if (sessionId === undefined || sessionToken === undefined) throw new Error("No session.");
  return { sessionId, headers: { ...key, "x-session-token": sessionToken } };
}

async function fill(sessionId: string, exchanges: number, answer = "At nine."): Promise<void> {
  for (let n = 1; n <= exchanges; n++) {
    await storeExchange(app.store, { sessionId, question: `Question ${n}`, answer });
  }
}

const pathOf = (sessionId: string) => `/v1/chat/history?sessionId=${sessionId}`;

test("a history has the newest 500 messages at most, oldest first", async () => {
  app = createTestApp();
  const { sessionId, headers } = await mint();
  await fill(sessionId, 300);
  const response = await app.fetch(pathOf(sessionId), { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-session-token")).not.toBeNull();
  expect(response.headers.get("cache-control")).toBe("no-store");
  const history = (await response.json()) as History;
  expect(history.messages).toHaveLength(500);
  expect(history.messages[0]?.content).toBe("Question 51");
  expect(history.messages.at(-2)?.content).toBe("Question 300");
  expect(history.activeTurnId).toBeNull();
});

test("a history of large answers has the newest messages, a megabyte at most", async () => {
  app = createTestApp();
  const { sessionId, headers } = await mint();
  await fill(sessionId, 30, "ж".repeat(50_000));
  const text = await (await app.fetch(pathOf(sessionId), { headers })).text();
  expect(Buffer.byteLength(text)).toBeLessThan(1_100_000);
  const history: History = JSON.parse(text);
  expect(history.messages.length).toBeGreaterThanOrEqual(18);
  expect(history.messages.at(-2)?.content).toBe("Question 30");
});

test("a history includes the newest answer even if that alone is larger than a megabyte", async () => {
  app = createTestApp();
  const { sessionId, headers } = await mint();
  await fill(sessionId, 3, "x".repeat(1_500_000));
  const history = (await (await app.fetch(pathOf(sessionId), { headers })).json()) as History;
  expect(history.messages.map(({ content }) => content.length)).toEqual([1_500_000]);
});

test("a long history is streamed a page at a time, and lets other requests run in between", async () => {
  app = createTestApp();
  const { sessionId, headers } = await mint();
  await fill(sessionId, 250, "ж".repeat(1500));
  const pages: number[] = [];
  const { messagesAfter } = app.store;
  app.store.messagesAfter = async (...args) => {
    const page = await messagesAfter.apply(app.store, args);
    pages.push(page.length);
    return page;
  };
  let turns = 0;
  let isReading = true;
  const count = () => {
    turns += 1;
    if (isReading) setImmediate(count);
  };
  count();
  const response = await app.fetch(pathOf(sessionId), { headers });
  const history = (await response.json()) as History;
  isReading = false;
  expect(history.messages).toHaveLength(500);
  expect(Math.max(...pages)).toBeLessThanOrEqual(100);
  expect(turns).toBeGreaterThanOrEqual(5);
});

test("long histories take places as streams do, so that one address cannot read them all at once", async () => {
  app = createTestApp({ env: { MAX_STREAMS_PER_ADDRESS: "3" } });
  const { sessionId, headers } = await mint();
  await fill(sessionId, 250);
  const get = () => app.fetch(pathOf(sessionId), { headers });
  const open = await Promise.all([get(), get(), get()]);
  expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
  const refused = await get();
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  // Read to the end, left in the middle, or never read: each place comes back.
  await open[0]?.text();
  await open[1]?.body?.cancel();
  expect((await get()).status).toBe(200);
  expect((await get()).status).toBe(200);
  expect((await app.fetch(pathOf(sessionId), { headers, method: "HEAD" })).status).toBe(429);
});

test("a history that cannot be read to its end gives its place back", async () => {
  app = createTestApp({ env: { MAX_STREAMS_PER_ADDRESS: "1" } });
  const { sessionId, headers } = await mint();
  await fill(sessionId, 250);
  const { messagesAfter } = app.store;
  let reads = 0;
  app.store.messagesAfter = (...args) => {
    reads += 1;
    if (reads === 3) return Promise.reject(new Error("the disk is gone"));
    return messagesAfter.apply(app.store, args);
  };
  const broken = await app.fetch(pathOf(sessionId), { headers });
  const isBroken = await broken.text().then(
    () => false,
    () => true,
  );
  expect(isBroken).toBe(true);
  const again = await app.fetch(pathOf(sessionId), { headers });
  expect(again.status).toBe(200);
  expect(((await again.json()) as History).messages).toHaveLength(500);
});

test("a history says of each answer how it ended", async () => {
  const model = startModelServer((call) => {
    call.token("It is");
    call.finish("length");
  });
  app = createTestApp({ modelUrl: model.url });
  const { sessionId, headers } = await mint();
  const asked = chatRequest({ sessionId, message: "What is it?" }, headers);
  await (await app.fetch("/v1/chat/stream", asked)).text();
  const { messages } = (await (await app.fetch(pathOf(sessionId), { headers })).json()) as History;
  expect(messages).toEqual([
    expect.not.objectContaining({ finishReason: expect.anything() }),
    expect.objectContaining({ content: "It is", status: "complete", finishReason: "length" }),
  ]);
  await model.stop();
});

test.each([
  ["off", 0],
  ["always", 1],
])(
  "a history that no person is in is read without looking for one (PERSON=%s)",
  async (PERSON, requests) => {
    app = createTestApp({ env: { PERSON } });
    const { sessionId, headers } = await mint();
    await fill(sessionId, 1);
    const reads = [spyOn(app.store, "findTakeover"), spyOn(app.store, "requestsOf")];
    expect((await app.fetch(pathOf(sessionId), { headers })).status).toBe(200);
    expect(reads.map(({ mock }) => mock.calls.length)).toEqual([0, requests]);
  },
);

test("a visitor's request is read at the same time as his answer under way", async () => {
  app = createTestApp({ env: { PERSON: "always" } });
  const { sessionId, headers } = await mint();
  await fill(sessionId, 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const { activeTurnId, requestsOf } = app.store;
  spyOn(app.store, "requestsOf").mockImplementation(async (id) => {
    await promise;
    return requestsOf.call(app.store, id);
  });
  spyOn(app.store, "activeTurnId").mockImplementation((id) => {
    resolve();
    return activeTurnId.call(app.store, id);
  });
  expect((await app.fetch(pathOf(sessionId), { headers })).status).toBe(200);
});
