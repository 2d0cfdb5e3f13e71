import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { openRaw } from "../support/raw-http.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const FREE = 600;

/** Sets the peer of a test's request. A client could not choose it. */
const PEER_HEADER = "x-peer-of-the-test";

let app: TestApp;

beforeEach(() => {
  app = createTestApp({
    env: { RATE_LIMIT_MAX_REQUESTS: "10" },
    peerAddress: (request) => request.headers.get(PEER_HEADER) ?? "192.0.2.10",
  });
});
afterEach(() => app.close());

const FROM_ELSEWHERE = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };

describe("an address that keeps connections alive with requests that cost it nothing", () => {
  test.each([
    ["the server's health", "/health", {}, 200],
    ["the widget", "/widget/chat-widget.js", {}, 200],
    ["a preflight", "/v1/chat", { method: "OPTIONS" }, 204],
    ["requests over its limit", "/v1/nowhere", {}, 429],
    ["what another site's page asks", "/dashboard", { headers: FROM_ELSEWHERE }, 403],
  ])(
    "has them closed after hundreds in a minute, but is answered as before: %s",
    async (_name, path, init, status) => {
      const ask = () => app.fetch(path, init);
      for (let n = 0; n < FREE + 10; n++) await ask();
      const closing = await ask();
      expect([closing.status, closing.headers.get("connection")]).toEqual([status, "close"]);
      const other = { ...init, headers: { ...Object(init).headers, [PEER_HEADER]: "192.0.2.11" } };
      expect((await app.fetch(path, other)).headers.has("connection")).toBe(false);
      app.clock.advance(60_000);
      expect((await ask()).headers.has("connection")).toBe(false);
    },
  );

  test("finds them closed on a socket, too", async () => {
    for (let n = 0; n < FREE; n++) await app.fetch("/health");
    const base = app.listen();
    for (const path of ["/health", "/widget/chat-widget.js"]) {
      const connection = await openRaw(base);
      connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      expect((await connection.answer()).status).toBe(200);
      await connection.closed;
    }
  });
});

test("a client within its limit keeps its connection", async () => {
  for (let n = 0; n < FREE; n++) await app.fetch("/health");
  const connection = await openRaw(app.listen());
  for (let n = 0; n < 10; n++) {
    connection.write("GET /v1/nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect((await connection.answer()).status).toBe(404);
  }
  connection.close();
});

test("a question whose refusal ends the connection is not cut off while its body still comes", async () => {
  for (let n = 0; n < FREE + 10; n++) await app.fetch("/v1/nowhere");
  const connection = await openRaw(app.listen());
  connection.write("POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  const early = await Promise.race([connection.closed.then(() => "closed"), Bun.sleep(200)]);
  expect(early).toBeUndefined();
  connection.write("a".repeat(1000));
  expect((await connection.answer()).status).toBe(429);
  await connection.closed;
});
