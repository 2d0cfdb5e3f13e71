import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";

import { ask, KEYS } from "../../harness/chat-requests.ts";
import {
  completion,
  type ModelScript,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { followBody, parseNdjson, parseSse } from "../../harness/streams.ts";
import type { ChatEvent } from "../../src/conversation/events.ts";
import {
  documentedSite,
  hasProxy,
  PROXY_NAMES,
  sayWhichAreMissing,
  startProxy,
} from "../support/proxies.ts";
import { openRaw } from "../support/raw-http.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/**
 * How long a connection lives. These tests run in real time, because they test Bun's timers. All tests that
 * take a minute are here, so that they wait at the same time.
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
afterAll(async () => {
  await app.close();
  await cleanUp();
});

/** Seconds until the server closes the connection that `begin` has used. */
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
  "a connection that was idle for 62 s accepts another request, after an answer of any kind",
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
  "a connection that is idle or sends its next head byte by byte is closed within 80 s",
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
  "a connection that sends nothing or sends its first head byte by byte is closed within 16 s",
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
  "a client that reads nothing of its answer is cut off within 36 s, while idle clients are kept",
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

/** Longer than any common idle time-out: Bun's 10 s, Elysia's 30 s, a proxy's 60 s. */
const SILENCE_MS = 70 * SECOND_MS;
/** The heartbeat comes every 15 s; a proxy that waits 30 s must not lose patience. */
const LONGEST_GAP_MS = 25 * SECOND_MS;

interface TimedBody {
  readonly text: string;
  readonly longestGapMs: number;
}

async function readTimed(response: Response): Promise<TimedBody> {
  const utf8 = new TextDecoder();
  let text = "";
  let longestGapMs = 0;
  let lastAt = performance.now();
  for await (const bytes of response.body ?? []) {
    text += utf8.decode(bytes, { stream: true });
    longestGapMs = Math.max(longestGapMs, performance.now() - lastAt);
    lastAt = performance.now();
  }
  return { text, longestGapMs };
}

const thinking: ModelScript = async (call) => {
  if (call.body.stream !== true) {
    await Bun.sleep(SILENCE_MS);
    return Response.json(completion("At last."));
  }
  void Bun.sleep(SILENCE_MS).then(() => {
    call.token("At last.");
    call.finish();
  });
  return undefined;
};

test.concurrent(
  "no client is lost while a model thinks for long, streaming or not",
  async () => {
    const model = startModelServer(thinking);
    const server = await startChatporch({
      ...KEYS,
      OPENAI_BASE_URL: model.url,
      MODEL_FIRST_TOKEN_TIMEOUT_MS: "90000",
    });
    const ndjsonHeaders = { accept: "application/x-ndjson" };
    const [sse, ndjson, json] = await Promise.all([
      ask(server.url, "Hi", { sessionId: "sse" }).then(readTimed),
      ask(server.url, "Hi", { sessionId: "ndjson", headers: ndjsonHeaders }).then(readTimed),
      ask(server.url, "Hi", { sessionId: "json", path: "/v1/chat" }),
    ]);

    const types: ChatEvent["type"][] = ["start", "token", "done"];
    const events = parseSse(sse.text).map(({ data }) => data);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(events.at(-1)).toMatchObject({ message: "At last." });
    expect(sse.text.match(/^:/gm)?.length).toBeGreaterThanOrEqual(3);
    expect(sse.longestGapMs).toBeLessThan(LONGEST_GAP_MS);

    expect(parseNdjson(ndjson.text).map(({ type }) => type)).toEqual(types);
    expect(ndjson.text.match(/^$/gm)?.length).toBeGreaterThanOrEqual(3);
    expect(ndjson.longestGapMs).toBeLessThan(LONGEST_GAP_MS);

    expect(json.status).toBe(200);
    expect(await json.json()).toMatchObject({ message: "At last." });
    // The model was asked only once for each question.
    expect(model.calls).toHaveLength(3);
    await model.stop();
  },
  2 * MINUTE_MS,
);

sayWhichAreMissing(PROXY_NAMES);

test.concurrent(
  "a heartbeat reaches the visitor through every proxy of docs/running.md while the model is silent",
  async () => {
    const model = startModelServer(silence);
    const server = await startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url, TRUST_PROXY: "1" });
    await Promise.all(
      PROXY_NAMES.filter(hasProxy).map(async (name) => {
        const proxy = await startProxy(name, await documentedSite(name, server.url));
        const reader = followBody(await ask(proxy.url, name, { sessionId: name }));
        await reader.until("\n:");
        const call = model.calls.find(({ body }) => body.messages.at(-1)?.content === name);
        call?.token("At last.");
        call?.finish();
        expect(await reader.end()).toContain("event: done");
        await proxy.stop();
      }),
    );
    await model.stop();
  },
  MINUTE_MS,
);
