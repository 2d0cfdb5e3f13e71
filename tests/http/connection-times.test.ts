import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";

import { openRaw } from "../support/raw-http.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/**
 * How long a connection lives, in real time: Bun's timers are what is tried. All of them wait side by side.
 */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** More than the socket buffers of both ends hold. */
const LARGE_BYTES = 32 * 1024 * 1024;
const GET = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

let app: TestApp;
let base: string;

beforeAll(() => {
  app = createTestApp();
  app.app.get("/large", () => "a".repeat(LARGE_BYTES));
  base = app.listen();
});
afterAll(() => app.close());

/** Seconds until the server has closed the connection that `begin` has used. */
async function secondsUntilClosed(
  begin: (connection: Awaited<ReturnType<typeof openRaw>>) => Promise<void>,
): Promise<number> {
  const connection = await openRaw(base);
  await begin(connection);
  const startedAt = performance.now();
  await connection.closed;
  return (performance.now() - startedAt) / SECOND_MS;
}

function question(path: string): string {
  const { headers, body } = chatRequest({ sessionId: "visitor-1", message: "Hello" });
  const lines = Object.entries({ ...headers, "content-length": `${String(body).length}` });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${head}\r\n${body}`;
}

// The numbers are those of docs/bounds.md; Bun looks at its timers every four seconds.
test.concurrent(
  "a connection that lay idle for 62 s takes another request, after an answer of any kind",
  async () => {
    const first = [
      GET,
      "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /v1/chat/history HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /widget/chat-widget.js HTTP/1.1\r\nHost: localhost\r\n\r\n",
      `GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${WIDGET_KEY}\r\n\r\n`,
      question("/v1/chat"),
    ];
    const connections = await Promise.all(first.map(() => openRaw(base)));
    for (const [index, connection] of connections.entries()) {
      connection.write(first[index] ?? "");
      await connection.answer();
    }
    const streaming = await openRaw(base);
    streaming.write(question("/v1/chat/stream"));
    await streaming.head();
    // The last chunk.
    while (!streaming.text().endsWith("\r\n0\r\n\r\n")) await Bun.sleep(10);
    let isClosed = false;
    void streaming.closed.then(() => {
      isClosed = true;
    });

    await Bun.sleep(62 * SECOND_MS);
    streaming.write(GET);
    while (!streaming.text().endsWith('{"status":"ok"}')) {
      if (isClosed) throw new Error("The connection was closed after a stream.");
      await Bun.sleep(10);
    }
    streaming.close();
    for (const connection of connections) {
      connection.write(GET);
      expect((await connection.answer()).status).toBe(200);
      connection.close();
    }
  },
  2 * MINUTE_MS,
);

test.concurrent(
  "a connection that lies idle, or sends a head by the byte after an answer, is closed within 80 s",
  async () => {
    const idle = secondsUntilClosed(async (connection) => {
      connection.write(GET);
      await connection.answer();
    });
    const trickling = secondsUntilClosed(async (connection) => {
      connection.write(GET);
      await connection.answer();
      connection.write("GET /health HTTP/1.1\r\nHost: localhost\r\nx-a: ");
      const timer = setInterval(() => connection.write("a"), 3 * SECOND_MS);
      void connection.closed.then(() => clearInterval(timer));
    });
    for (const seconds of await Promise.all([idle, trickling])) {
      expect(seconds).toBeLessThan(80);
    }
  },
  2 * MINUTE_MS,
);

test.concurrent(
  "a connection that says nothing, or sends its first head by the byte, is closed within 16 s",
  async () => {
    const silent = secondsUntilClosed(async () => {});
    const trickling = secondsUntilClosed(async (connection) => {
      connection.write("GET /health HTTP/1.1\r\nHost: localhost\r\nx-a: ");
      const timer = setInterval(() => connection.write("a"), 3 * SECOND_MS);
      void connection.closed.then(() => clearInterval(timer));
    });
    for (const seconds of await Promise.all([silent, trickling])) {
      expect(seconds).toBeLessThan(16);
    }
  },
  MINUTE_MS,
);

test.concurrent(
  "a client that takes nothing of an answer is cut off within 36 s, though idle ones are kept",
  async () => {
    const { port } = new URL(base);
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.pause();
    socket.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await Bun.sleep(36 * SECOND_MS);
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
    });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    await closed;
    expect(bytes).toBeLessThan(LARGE_BYTES);
  },
  MINUTE_MS,
);
