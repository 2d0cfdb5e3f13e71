import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});

afterEach(() => app.close());

type Line = Readonly<Record<string, unknown>>;

/** The lines of an event, once the server has finished the response, too. */
async function linesOf(event: string): Promise<Line[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return app.lines.map((line): Line => JSON.parse(line)).filter((line) => line.event === event);
}

const BODY = { sessionId: "a", message: "Hi?" };
const KEY = { "x-api-key": WIDGET_KEY };

describe("the log lines of a question and its turn have both ids:", () => {
  test.each(["/v1/chat", "/v1/chat/stream", "/chat"])("%s", async (path) => {
    const response = await app.fetch(path, chatRequest(BODY));
    const [, turnId] = /"turnId":"([^"]+)"/.exec(await response.text()) ?? [];
    const ids = { requestId: response.headers.get("x-request-id"), turnId };
    expect(await linesOf("turn began")).toEqual([expect.objectContaining(ids)]);
    expect(await linesOf("request")).toEqual([expect.objectContaining({ ...ids, path })]);
    const ended = { ...ids, status: "complete" };
    expect(await linesOf("turn ended")).toEqual([expect.objectContaining(ended)]);
  });

  test("a request that joins or resumes a turn has that turn's id", async () => {
    const once = chatRequest(BODY, { "idempotency-key": "once" });
    const { turnId }: { turnId: string } = JSON.parse(
      await (await app.fetch("/v1/chat", once)).text(),
    );
    await (await app.fetch("/v1/chat", once)).text();
    const path = `/v1/chat/stream/${turnId}`;
    await (await app.fetch(path, { headers: KEY })).text();
    await (await app.fetch(`${path}/stop`, { method: "POST", headers: KEY })).text();
    const requests = await linesOf("request");
    expect(requests.map((line) => line.turnId)).toEqual([turnId, turnId, turnId, turnId]);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(4);
    expect(await linesOf("turn ended")).toHaveLength(1);
  });
});

test("the log line of a request without a turn has no turn's id", async () => {
  await app.fetch("/health");
  await app.fetch("/v1/chat", chatRequest({}));
  const requests = await linesOf("request");
  expect(requests.map(({ path, status }) => [path, status])).toEqual([
    ["/health", 200],
    ["/v1/chat", 400],
  ]);
  for (const line of requests) expect(line).not.toHaveProperty("turnId");
});

describe("the log of requests that anybody can send without end", () => {
  const about = async () => (await linesOf("request")).map(({ path, status }) => [path, status]);

  test.each([
    ["without a key", "/v1/chat/history", {}, 401],
    ["to nowhere", "/v1/nowhere", {}, 404],
    ["of a refused website", "/v1/chat", { headers: { origin: "https://evil.example" } }, 403],
    ["for the server's health", "/health", {}, 200],
  ])(
    "has a line for each of a hundred a second, and counts the others in one line: %s",
    async (_name, path, init, status) => {
      for (let n = 0; n < 250; n++) await app.fetch(path, init);
      expect(await about()).toEqual(Array.from({ length: 100 }, () => [path, status]));

      app.clock.advance(1000);
      await app.fetch(path, init);
      expect(await about()).toHaveLength(101);
      let counted: Line[] = [];
      while (counted.length === 0) {
        await Bun.sleep(10);
        counted = await linesOf("requests without a line of their own");
      }
      expect(counted).toEqual([expect.objectContaining({ level: "info", requests: 150 })]);
    },
  );

  test("has every request that has a turn or shows an error of the server", async () => {
    for (let n = 0; n < 150; n++) await app.fetch("/v1/nowhere");
    app.store.listConversations = async () => {
      throw new Error("broken");
    };
    for (let n = 0; n < 5; n++) {
      await app.fetch("/v1/chat", chatRequest({ ...BODY, sessionId: `visitor-${n}` }));
      await app.fetch("/v1/admin/conversations", { headers: { "x-admin-api-key": ADMIN_KEY } });
    }
    const lines = await linesOf("request");
    expect(lines.filter(({ turnId }) => turnId !== undefined)).toHaveLength(5);
    expect(lines.filter(({ status }) => status === 500)).toHaveLength(5);
  });
});

test("a path that is too long to be one of ours is logged with its beginning only", async () => {
  await app.fetch(`/widget/${"x".repeat(10_000)}`);
  const [line] = await linesOf("request");
  expect(line).toMatchObject({ path: `/widget/${"x".repeat(292)}`, status: 404 });
});
