import { afterEach, describe, expect, test } from "bun:test";

import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel } from "../support/observed.ts";
import { openRaw } from "../support/raw-http.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** Sets the peer of a test's request. A client could not choose it. */
const PEER_HEADER = "x-peer-of-the-test";

let app: TestApp;

function start(env: Record<string, string> = {}): void {
  app = createTestApp({
    env: { RATE_LIMIT_MAX_REQUESTS: "3", RATE_LIMIT_WINDOW_MS: "90000", ...env },
    model: createObservedModel().part,
    peerAddress: (request) => request.headers.get(PEER_HEADER) ?? "192.0.2.10",
  });
}

afterEach(() => app.close());

let questions = 0;

/** A good question, each in a session of its own. */
function ask(headers: Record<string, string> = {}) {
  const body = { sessionId: `visitor-${++questions}`, message: "Hi" };
  return app.fetch("/v1/chat", chatRequest(body, headers));
}

function list(headers: Record<string, string> = {}) {
  const init = { headers: { "x-admin-api-key": ADMIN_KEY, ...headers } };
  return app.fetch("/v1/admin/conversations", init);
}

async function statuses(requests: number, send: () => Promise<Response>): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < requests; i++) seen.push((await send()).status);
  return seen;
}

describe("the budget of an address:", () => {
  test("request N passes, request N+1 is told how long to wait, and the next window passes", async () => {
    start();
    for (const remaining of [2, 1, 0]) {
      const good = await ask({ origin: ALLOWED_ORIGIN });
      expect(good.status).toBe(200);
      expect(good.headers.get("ratelimit")).toBe(`"chat";r=${remaining};t=90`);
      expect(good.headers.get("ratelimit-policy")).toBe('"chat";q=3;w=90');
      expect(good.headers.has("retry-after")).toBe(false);
    }

    app.clock.advance(12_300);
    const limited = await readAnswer(await ask({ origin: ALLOWED_ORIGIN }));
    expectError(limited, "rate_limited");
    expect(limited.headers.get("retry-after")).toBe("78");
    expect(limited.headers.get("ratelimit")).toBe('"chat";r=0;t=78');
    expect(limited.headers.get("ratelimit-policy")).toBe('"chat";q=3;w=90');
    expect(limited.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
    const exposed = limited.headers.get("access-control-expose-headers")?.split(", ");
    for (const name of ["retry-after", "ratelimit", "ratelimit-policy"]) {
      expect(exposed).toContain(name);
    }

    app.clock.advance(77_700);
    expect((await ask()).status).toBe(200);
  });

  test("waiting as long as Retry-After says is always enough", async () => {
    start();
    await statuses(3, ask);
    app.clock.advance(89_999);
    const limited = await ask();
    expect(limited.headers.get("retry-after")).toBe("1");
    app.clock.advance(1000);
    expect((await ask()).status).toBe(200);
  });

  test("every endpoint of chat uses the same budget", async () => {
    start();
    await app.fetch("/v1/sessions", { ...chatRequest(""), body: null });
    await app.fetch("/chat", chatRequest({ sessionId: "a", message: "Hi" }));
    await app.fetch("/v1/openapi.json");
    expect((await ask()).status).toBe(429);
  });

  test("a stream also has it in its headers", async () => {
    start();
    const response = await app.fetch("/chat", chatRequest({ sessionId: "a", message: "Hi" }));
    expect(response.headers.get("ratelimit")).toBe('"chat";r=2;t=90');
    await response.text();
  });

  test("chat and the owner's API have a budget each", async () => {
    start();
    expect(await statuses(4, ask)).toEqual([200, 200, 200, 429]);
    expect(await statuses(4, list)).toEqual([200, 200, 200, 429]);
    const limited = await list();
    expect(limited.headers.get("ratelimit-policy")).toBe('"admin";q=3;w=90');
    app.clock.advance(90_000);
    expect(await statuses(4, list)).toEqual([200, 200, 200, 429]);
    expect((await ask()).status).toBe(200);
  });
});

describe("the rate limit counts", () => {
  const COUNTED: readonly [string, string, RequestInit][] = [
    ["without a key", "/v1/chat", { method: "POST" }],
    ["with a wrong key", "/v1/chat", chatRequest("{}", { "x-api-key": "wrong" })],
    ["with malformed JSON", "/v1/chat", chatRequest("{")],
    ["with a wrong shape", "/v1/chat", chatRequest({ sessionId: "a", model: "big" })],
    ["of another media type", "/v1/chat", chatRequest("Hi", { "content-type": "text/plain" })],
    ["too large", "/v1/chat", chatRequest("{}", { "content-length": "9999999" })],
    ["by a wrong method", "/v1/chat", { method: "DELETE" }],
    ["to nowhere", "/v1/nowhere", {}],
    ["with a trailing slash", "/v1/chat/", { method: "POST" }],
    ["with doubled slashes", "//v1/chat", { method: "POST" }],
    ["with an encoded path", "/%76%31/chat", { method: "POST" }],
  ];

  test.each(COUNTED)("a request %s", async (_name, path, init) => {
    start();
    expect(await statuses(3, () => app.fetch(path, init))).not.toContain(429);
    expect((await app.fetch(path, init)).status).toBe(429);
    expect((await ask()).status).toBe(429);
  });

  test("unauthorized requests for the owner's API on the owner's budget", async () => {
    start();
    expect(await statuses(4, () => list({ "x-admin-api-key": "" }))).toEqual([401, 401, 401, 429]);
    expect((await list()).status).toBe(429);
    expect((await ask()).status).toBe(200);
  });

  test.each(["/health", "/ready", "/health?deep=1"])("no request for %s", async (path) => {
    start();
    for (let i = 0; i < 20; i++) {
      const response = await app.fetch(path);
      expect(response.status).toBe(200);
      expect(response.headers.has("ratelimit")).toBe(false);
    }
    await statuses(4, ask);
    expect((await app.fetch(path)).status).toBe(200);
    app.clock.advance(90_000);
    expect((await ask()).headers.get("ratelimit")).toBe('"chat";r=2;t=90');
  });
});

describe("the rate limit counts clients:", () => {
  test("two addresses do not disturb each other", async () => {
    start();
    const one = { [PEER_HEADER]: "192.0.2.1" };
    const other = { [PEER_HEADER]: "192.0.2.2" };
    expect(await statuses(4, () => ask(one))).toEqual([200, 200, 200, 429]);
    expect(await statuses(4, () => ask(other))).toEqual([200, 200, 200, 429]);
  });

  test("an IPv6 address by its /64", async () => {
    start();
    const host = (suffix: string) => ask({ [PEER_HEADER]: `2001:db8:1:2:${suffix}` });
    expect((await host(":1")).status).toBe(200);
    expect((await host("ffff:ffff:ffff:ffff")).status).toBe(200);
    expect((await host("0:0:0:3")).status).toBe(200);
    expect((await host(":4")).status).toBe(429);
    expect((await ask({ [PEER_HEADER]: "2001:db8:1:3::1" })).status).toBe(200);
  });

  test("an IPv6 client with many /64 by its /56, which has four times the budget, and its /48: sixteen", async () => {
    start();
    const from = (address: string) => ask({ [PEER_HEADER]: address });
    const allowed = async (addresses: readonly string[]) => {
      const answers = [];
      for (const address of addresses) answers.push(await from(address));
      return answers.filter(({ status }) => status === 200).length;
    };
    const in56 = Array.from({ length: 20 }, (_, n) => `2001:db8:1:${n.toString(16)}::1`);
    expect(await allowed(in56)).toBe(4 * 3);
    const in48 = Array.from(
      { length: 100 },
      (_, n) => `2001:db8:1:${(256 + n * 256).toString(16)}::1`,
    );
    expect(await allowed(in48)).toBe(16 * 3 - 4 * 3);
    const limited = await from("2001:db8:1:ffff::1");
    expect(limited.status).toBe(429);
    expect(limited.headers.get("ratelimit-policy")).toBe('"chat";q=48;w=90');
    expect(limited.headers.get("ratelimit")).toBe('"chat";r=0;t=90');
    expect((await from("2001:db8:2::1")).headers.get("ratelimit")).toBe('"chat";r=2;t=90');
  });

  test("an IPv4 address the same whether the socket is IPv4 or IPv6", async () => {
    start();
    await statuses(3, () => ask({ [PEER_HEADER]: "192.0.2.1" }));
    expect((await ask({ [PEER_HEADER]: "::ffff:192.0.2.1" })).status).toBe(429);
    expect((await ask({ [PEER_HEADER]: "::ffff:c000:201" })).status).toBe(429);
  });

  test("a spoofed X-Forwarded-For changes nothing without TRUST_PROXY, and causes no advice to trust it", async () => {
    start();
    let next = 0;
    const spoofed = () => ask({ "x-forwarded-for": `203.0.113.${++next}` });
    expect(await statuses(4, spoofed)).toEqual([200, 200, 200, 429]);
    app.clock.advance(3_600_000);
    for (let n = 0; n < 1000; n++) await spoofed();
    expect(app.lines.filter((line) => line.includes("TRUST_PROXY"))).toEqual([]);
  });

  test("with TRUST_PROXY=1 by the address that the proxy saw", async () => {
    start({ TRUST_PROXY: "1" });
    let next = 0;
    const from = (client: string) => () =>
      ask({ "x-forwarded-for": `203.0.113.${++next}, ${client}` });
    expect(await statuses(4, from("198.51.100.1"))).toEqual([200, 200, 200, 429]);
    expect((await from("198.51.100.2")()).status).toBe(200);
  });

  test("with TRUST_PROXY=1 a client that writes invented addresses past the proxy has a bounded budget", async () => {
    start({ TRUST_PROXY: "1" });
    let next = 0;
    const spoofed = () => ask({ "x-forwarded-for": `203.0.${next >> 8}.${++next & 0xff}` });
    const seen = await statuses(3 * 64 + 5, spoofed);
    expect(seen.filter((status) => status === 200)).toHaveLength(3 * 64);
    expect(seen.slice(-5)).toEqual([429, 429, 429, 429, 429]);
  });

  test("a request with a malformed X-Forwarded-For counts for its own peer", async () => {
    start({ TRUST_PROXY: "1" });
    const malformed = (peer: string) => () =>
      ask({ [PEER_HEADER]: peer, "x-forwarded-for": "not, an, address" });
    expect(await statuses(4, malformed("192.0.2.1"))).toEqual([200, 200, 200, 429]);
    expect((await malformed("192.0.2.2")()).status).toBe(200);
  });

  test("over a socket by the address of the connection", async () => {
    const peers: (string | undefined)[] = [];
    app = createTestApp({
      env: { RATE_LIMIT_MAX_REQUESTS: "1" },
      peerAddress: (request) => {
        peers.push(app.app.server?.requestIP(request)?.address);
        return peers.at(-1);
      },
    });
    const base = app.listen();
    const init = { headers: { "x-api-key": WIDGET_KEY, "x-forwarded-for": "203.0.113.1" } };
    expect((await fetch(`${base}/v1/nowhere`, init)).status).toBe(404);
    expect((await fetch(`${base}/v1/nowhere`, init)).status).toBe(429);
    expect(peers).toEqual(["127.0.0.1", "127.0.0.1"]);
  });
});

describe("there is no way around the rate limit:", () => {
  // The router and the limiter once found different paths behind a short Host.
  const hosts = ["a", "ab.c", "chat.example.com", "chat.example.com:4000", "[::1]:4000"];
  const disguises = ["/widget", "/health", "/ready", "/v1/widget", ""];

  test.each(hosts)("with Host: %s, whatever stands before the path", async (host) => {
    start({ RATE_LIMIT_MAX_REQUESTS: "2" });
    const base = app.listen();
    const connection = await openRaw(base);
    const body = JSON.stringify({ sessionId: "a", message: "Hi" });
    const seen: Record<string, number[]> = {};
    for (const disguise of disguises) {
      for (let i = 0; i < 4; i++) {
        connection.write(
          `POST ${disguise}/chat HTTP/1.1\r\nHost: ${host}\r\nx-api-key: ${WIDGET_KEY}\r\n` +
            `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
        const { status } = await connection.answer();
        (seen[disguise] ??= []).push(status);
      }
    }
    connection.close();
    // A path that the limiter leaves out leads nowhere. Every other path runs out of its budget.
    expect(seen["/widget"]).toEqual([404, 404, 404, 404]);
    const limited = disguises.filter((disguise) => disguise !== "/widget");
    const answers = limited.flatMap((disguise) => seen[disguise] ?? []);
    expect(answers.filter((status) => status === 429)).toHaveLength(answers.length - 2);
  });

  // Bun's own router found the id of a conversation where the limiter found /health.
  test.each([
    ["/v1/admin/conversations/..\\..\\..\\..\\health", 200],
    ["/v1/admin/conversations/..\\..\\..\\widget/chat-widget.js", 200],
    ["/v1/chat/stream/..\\..\\..\\ready", 200],
    ["/dashboard/conversations/..\\..\\health", 200],
    ["/v1/admin/conversations/%2e%2e", 404],
    ["/v1/chat/stream/.%2E", 405],
  ])("with an id that leads elsewhere: %s", async (path, expected) => {
    start();
    const connection = await openRaw(app.listen());
    connection.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect((await connection.answer()).status).toBe(expected);
    connection.close();
  });

  // The owner's pages read the requested host, and once failed when it was not one.
  test.each([
    "Host: \r\n",
    "Host:\r\n",
    "Host: [::1\r\nOrigin: http://localhost\r\n",
    "Host: a b\r\nOrigin: http://localhost\r\n",
    "Host: localhost:99999\r\nOrigin: http://localhost\r\n",
  ])("without a host (%j) there is no answer but 400, which ends the connection", async (lines) => {
    start();
    const base = app.listen();
    for (const path of ["/v1/admin/conversations", "/dashboard"]) {
      const connection = await openRaw(base);
      connection.write(`GET ${path} HTTP/1.1\r\n${lines}\r\n`);
      expect((await connection.answer()).status).toBe(400);
      // No budget counts this request, so nothing else would close its connection.
      await connection.closed;
    }
    expect(app.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  test("requests of refused origins count, and are refused for the origin before the limit", async () => {
    start();
    const origin = { origin: "https://elsewhere.example" };
    expect(await statuses(5, () => ask(origin))).toEqual([403, 403, 403, 403, 403]);
    expect((await ask()).status).toBe(429);
    const refusals = app.lines.filter((line) => line.includes("origin refused"));
    expect(refusals).toHaveLength(1);
  });

  test("only preflights, which browsers send on their own, do not count", async () => {
    start();
    const init = { method: "OPTIONS", headers: { origin: ALLOWED_ORIGIN } };
    await statuses(5, () => app.fetch("/v1/chat", init));
    expect((await ask()).status).toBe(200);
  });
});
