import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { allowedMs, MAX_BODY_BYTES } from "../../src/http/read-body.ts";
import { expectError } from "../support/answers.ts";
import { openRaw, type RawConnection } from "../support/raw-http.ts";
import {
  createTestApp,
  DASHBOARD_PASSWORD,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** Sets the peer of a test's request. A client could not choose it. */
const PEER_HEADER = "x-peer-of-the-test";
const QUESTION = JSON.stringify({ sessionId: "a", message: "Hi" });

let app: TestApp;
let base: string;
let connections: RawConnection[];

beforeEach(() => {
  app = createTestApp({
    peerAddress: (request) => request.headers.get(PEER_HEADER) ?? "192.0.2.10",
  });
  base = app.listen();
  connections = [];
});

afterEach(async () => {
  for (const connection of connections) connection.close();
  await app.close();
});

/** Sends the head of a request and the first bytes of its body. */
async function begin(
  { path = "/v1/chat", headers = [`x-api-key: ${WIDGET_KEY}`, "Content-Type: application/json"] },
  bytes: number,
  sent: string | Uint8Array = "",
): Promise<RawConnection> {
  const connection = await openRaw(base);
  connections.push(connection);
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    `Content-Length: ${bytes}`,
    ...headers,
  ];
  connection.write(`${lines.join("\r\n")}\r\n\r\n`);
  connection.write(sent);
  return connection;
}

async function askWhole(headers: Record<string, string> = {}) {
  const init = {
    method: "POST",
    headers: { "x-api-key": WIDGET_KEY, "content-type": "application/json", ...headers },
    body: QUESTION,
  };
  const response = await fetch(`${base}/v1/chat`, init);
  await response.text();
  return response;
}

function logIn() {
  const init = {
    method: "POST",
    redirect: "manual" as const,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `password=${DASHBOARD_PASSWORD}`,
  };
  return fetch(`${base}/dashboard/login`, init);
}

describe("a client without a key", () => {
  test.each([
    ["a question", "/v1/chat", []],
    ["a question with a wrong key", "/chat", ["x-api-key: wrong"]],
    ["a session", "/v1/sessions", []],
    ["an erasure of the owner's", "/v1/admin/conversations/c_1", []],
    ["a form without a session", "/dashboard/logout", []],
  ])(
    "is answered before its body comes, and holds no room for it: %s",
    async (_name, path, headers) => {
      const method = path.includes("admin") ? "DELETE" : "POST";
      const connection = await openRaw(base);
      connections.push(connection);
      const lines = [
        `${method} ${path} HTTP/1.1`,
        "Host: localhost",
        "Content-Length: 60000",
        ...headers,
      ];
      connection.write(`${lines.join("\r\n")}\r\n\r\n`);
      expect((await connection.answer()).status).toBe(401);
    },
  );

  test("takes no room from others with 3,000 announced bodies from 50 addresses", async () => {
    const announced: Promise<RawConnection>[] = [];
    for (let n = 0; n < 5000; n++) {
      announced.push(begin({ headers: [`${PEER_HEADER}: 198.51.100.${n % 50}`] }, 65_536));
      if (n % 100 === 0) await Promise.all(announced);
    }
    await Promise.all(announced);
    expect((await askWhole()).status).toBe(200);
    expect((await logIn()).status).toBe(303);
  });

  test("cannot keep the owner from logging in with forms that do not end", async () => {
    for (let n = 0; n < 500; n++) {
      const headers = [
        `${PEER_HEADER}: 198.51.100.${n % 250}`,
        "Content-Type: application/x-www-form-urlencoded",
      ];
      await begin({ path: "/dashboard/login", headers }, 16_000, "password=");
    }
    expect((await logIn()).status).toBe(303);
    expect((await askWhole()).status).toBe(200);
  });

  test("gets its answer even when all of a large body comes at once, and the connection goes on", async () => {
    const connection = await begin(
      { headers: [] },
      MAX_BODY_BYTES,
      Buffer.alloc(MAX_BODY_BYTES, " "),
    );
    connection.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect((await connection.answer()).status).toBe(401);
    expect((await connection.answer()).status).toBe(200);
  });
});

describe("the room for bodies of clients with a key", () => {
  test("is not taken by large bodies that are announced but do not come", async () => {
    for (let n = 0; n < 100; n++) await begin({}, MAX_BODY_BYTES, "{");
    expect((await askWhole()).status).toBe(200);
  });

  test("is used up for an address with many large bodies that do not end", async () => {
    const almost = Buffer.alloc(MAX_BODY_BYTES - 2, " ");
    const unended = [];
    for (let n = 0; n < 8; n++) unended.push(await begin({}, MAX_BODY_BYTES, almost));
    let refused = await askWhole();
    while (refused.status === 200) refused = await askWhole();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(refused.headers.get("connection")).toBe("close");

    for (const connection of unended) connection.close();
    let answer = await askWhole();
    while (answer.status === 429) answer = await askWhole();
    expect(answer.status).toBe(200);
  });

  test("is taken from the body that stood still longest when a question needs it", async () => {
    const almost = Buffer.alloc(MAX_BODY_BYTES - 2, " ");
    const first = await begin({ headers: keyFrom("203.0.113.1") }, MAX_BODY_BYTES, almost);
    // 63 more bodies are 126 MB from nine addresses, none of which has more than its share.
    for (let n = 0; n < 63; n++) {
      await begin({ headers: keyFrom(`203.0.113.${2 + (n % 9)}`) }, MAX_BODY_BYTES, almost);
    }
    while ((await askWhole()).status === 200 && first.text() === "") {
      await begin({ headers: keyFrom("203.0.113.99") }, 16_000);
    }
    const ended = await first.answer();
    expectError(ended, "overloaded");
    expect(ended.headers.get("connection")).toBe("close");
    expect((await askWhole()).status).toBe(200);
  });
});

function keyFrom(peer: string): string[] {
  return [`x-api-key: ${WIDGET_KEY}`, "Content-Type: application/json", `${PEER_HEADER}: ${peer}`];
}

describe("the time that a body may take", () => {
  test.each([
    ["nothing has come", 0, 5000],
    ["a short question", 100, 5050],
    ["4000 characters of three bytes, over 2G", 12_000, 11_000],
    ["a tenth of what is allowed", MAX_BODY_BYTES / 10, 20_000],
    ["2 MB", MAX_BODY_BYTES, 20_000],
  ])("grows with the bytes that came, up to 20 s: %s", (_name, bytes, expected) => {
    expect(allowedMs(bytes)).toBe(expected);
  });

  test("ends after some seconds when nothing more comes, for a short body and for a long one", async () => {
    await Promise.all(
      [100, 100_000].map(async (bytes) => {
        const connection = await begin({}, bytes, "{");
        const startedAt = performance.now();
        expectError(await connection.answer(), "request_timeout");
        expect(performance.now() - startedAt).toBeLessThan(15_000);
        await connection.closed;
      }),
    );
  });
});
