import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import fc from "fast-check";

import { startStopwatch } from "../../harness/stopwatch.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { MAX_BODY_BYTES } from "../../src/http/read-body.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { type Answer, expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel, type Observed, observeWrites } from "../support/observed.ts";
import { openRaw } from "../support/raw-http.ts";
import { ALLOWED_ORIGIN, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

let app: TestApp;
let base: string;
let model: Observed<ChatModel>;
let store: Observed<Store>;

beforeEach(() => {
  model = createObservedModel();
  store = observeWrites(openSqliteStore(":memory:"));
  app = createTestApp({ model: model.part, store: store.part });
  base = app.listen();
});

afterEach(async () => {
  const health = await fetch(`${base}/health`);
  expect([health.status, await health.text()]).toEqual([200, '{"status":"ok"}']);
  await app.close();
});

interface RawRequest {
  readonly path?: string;
  /** Header lines other than the host, the key, the origin, and the framing of the body. */
  readonly headers?: readonly string[];
  readonly body: string | Uint8Array;
  readonly framing?: "length" | "chunks";
}

const KEY_HEADER = `x-api-key: ${WIDGET_KEY}`;
const JSON_HEADER = "Content-Type: application/json";
const CHUNK_BYTES = 64 * 1024;

/** Sends the bytes as they are, and reads the one answer. */
async function send(request: RawRequest): Promise<Answer> {
  const { path = "/v1/chat", headers = [KEY_HEADER, JSON_HEADER], framing = "length" } = request;
  const body = Buffer.from(request.body);
  const frame =
    framing === "length" ? `Content-Length: ${body.length}` : "Transfer-Encoding: chunked";
  const own = ["Host: chat.example.com", `Origin: ${ALLOWED_ORIGIN}`, frame];
  const connection = await openRaw(base);
  connection.write(`POST ${path} HTTP/1.1\r\n${[...own, ...headers].join("\r\n")}\r\n\r\n`);
  if (framing === "length") connection.write(body);
  else {
    for (let start = 0; start < body.length; start += CHUNK_BYTES) {
      const chunk = body.subarray(start, start + CHUNK_BYTES);
      connection.write(`${chunk.length.toString(16)}\r\n`);
      connection.write(chunk);
      connection.write("\r\n");
    }
    connection.write("0\r\n\r\n");
  }
  const answer = await connection.answer();
  connection.close();
  return answer;
}

function expectRefused(answer: Answer, code: ErrorCode, sent: readonly string[] = []): void {
  expectError(answer, code, sent);
  expect(answer.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
  expect(answer.headers.get("ratelimit-policy")).toBe('"chat";q=10000;w=60');
  expect({ model: model.calls, store: store.calls }).toEqual({ model: [], store: [] });
}

/** A good question, padded with white space to the given size. */
function question(bytes = 0): string {
  return JSON.stringify({ sessionId: "a", message: "Hi" }).padEnd(bytes, " ");
}

describe("the size of a body:", () => {
  test.each(["length", "chunks"] as const)("exactly 2 MB in %s is read", async (framing) => {
    const answer = await send({ body: question(MAX_BODY_BYTES), framing });
    expect(answer.status).toBe(200);
    expect(model.calls).toEqual(["complete"]);
  });

  test.each(["length", "chunks"] as const)("one byte over 2 MB in %s is 413", async (framing) => {
    const answer = await send({ body: question(MAX_BODY_BYTES + 1), framing });
    expectRefused(answer, "body_too_large");
  });

  test.each(["/v1/chat", "/v1/chat/stream", "/chat"])(
    "3 MB in chunks, without Content-Length, is 413 at %s",
    async (path) => {
      const body = question(3 * 1024 * 1024);
      expectRefused(await send({ path, body, framing: "chunks" }), "body_too_large");
    },
  );

  test("a Content-Length over 2 MB is 413 before the body has come, and ends the connection", async () => {
    const connection = await openRaw(base);
    connection.write(
      `POST /v1/chat HTTP/1.1\r\nHost: x\r\nOrigin: ${ALLOWED_ORIGIN}\r\n${KEY_HEADER}\r\n` +
        `${JSON_HEADER}\r\nContent-Length: 3000000000\r\n\r\n{`,
    );
    expectRefused(await connection.answer(), "body_too_large");
    await connection.closed;
  });

  test("a client that leaves while it is refused causes no error of the server", async () => {
    const connection = await openRaw(base);
    connection.write("POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n{");
    // An answer on another connection shows that the server has seen what was sent before.
    await (await fetch(`${base}/health`)).text();
    connection.close();
    const about = () => app.lines.filter((line) => !line.includes('"path":"/health"'));
    while (about().length === 0) await Bun.sleep(5);
    expect(about().map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: "request", level: "info", status: 413 }),
    ]);
  });

  test("the owner's API refuses a large body too, and before the key", async () => {
    const connection = await openRaw(base);
    const body = " ".repeat(MAX_BODY_BYTES + 1);
    connection.write(
      "DELETE /v1/admin/conversations/c_1 HTTP/1.1\r\nHost: x\r\n" +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    expectError(await connection.answer(), "body_too_large");
    connection.close();
  });

  test("a preflight is answered by its origin, which is checked first, and its body is discarded", async () => {
    const connection = await openRaw(base);
    const body = " ".repeat(MAX_BODY_BYTES + 1);
    connection.write(
      `OPTIONS /v1/chat HTTP/1.1\r\nHost: x\r\nOrigin: ${ALLOWED_ORIGIN}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}GET /health HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect((await connection.answer()).status).toBe(204);
    expect((await connection.answer()).status).toBe(200);
    connection.close();
  });
});

describe("a body that is not a question:", () => {
  const BAD_BODIES: readonly [string, string | Uint8Array, ErrorCode][] = [
    ["malformed UTF-8", invalidUtf8(), "invalid_json"],
    ["an overlong encoding", Buffer.from('{"sessionId":"\xc0\x80"}', "latin1"), "invalid_json"],
    ["a cut multi-byte character", Buffer.from([0x22, 0xe2, 0x82]), "invalid_json"],
    ["UTF-16", Buffer.from(question(), "utf16le"), "invalid_json"],
    ["a lone surrogate", message("\\ud800"), "invalid_request"],
    ["surrogates in the wrong order", message("\\udc00\\ud800"), "invalid_request"],
    ["NUL", message("before\\u0000after"), "invalid_request"],
    ["an unescaped line end", message("a\nb"), "invalid_json"],
    ["nothing", "", "invalid_request"],
    ["white space", "  \r\n", "invalid_json"],
    ["null", "null", "invalid_request"],
    ["a number", "1e999", "invalid_request"],
    ["an array", `[${question()}]`, "invalid_request"],
    ["a string", JSON.stringify(question()), "invalid_request"],
    ["trailing garbage", `${question()}x`, "invalid_json"],
    ["two values", question() + question(), "invalid_json"],
    ["a comment", `/* */${question()}`, "invalid_json"],
    ["a key without quotes", `{sessionId:"a",message:"Hi"}`, "invalid_json"],
    ["a cut object", question().slice(0, -1), "invalid_json"],
    ["an own __proto__", withExtra("__proto__"), "invalid_request"],
    ["an own constructor", withExtra("constructor"), "invalid_request"],
    ["__proto__ in place of the rest", `{"__proto__":${question()}}`, "invalid_request"],
    ["a number as session", `{"sessionId":7,"message":"Hi"}`, "invalid_request"],
    ["a message of white space", message(" \\n\\t\\u00a0\\u3000"), "invalid_request"],
    ["4001 characters", message("é".repeat(4001)), "invalid_request"],
  ];

  test.each(BAD_BODIES)("%s is a clear 400", async (_name, body, code) => {
    expectRefused(await send({ body }), code);
  });

  // Code that prints or walks such a value by recursion runs out of stack, or of time.
  describe.each([200, 20_000, 100_000])("a value %d levels deep", (depth) => {
    const deep = "[".repeat(depth) + "]".repeat(depth);
    const objects = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    test.each([
      ["as the body", deep],
      ["as the message", `{"sessionId":"a","message":${deep}}`],
      ["as an extra", `{"sessionId":"a","message":"Hi","x":${objects}}`],
    ])("%s is a clear 400, at once", async (_name, body) => {
      const stopwatch = startStopwatch();
      const answer = await send({ body });
      expect(answer.status).toBe(400);
      const { code }: { code: ErrorCode } = JSON.parse(answer.body);
      expect(["invalid_json", "invalid_request"]).toContain(code);
      expectRefused(answer, code);
      // Nobody else is served meanwhile: printing 20,000 levels with indents takes 8 s.
      expect(stopwatch()).toBeLessThan(2000);
    });
  });

  // Object.values of a million elements took 0.7 s.
  test.each([
    ["an array of a million numbers", `[${"1,".repeat(999_999)}1]`],
    ["a message of a million numbers", `{"sessionId":"a","message":[${"1,".repeat(999_999)}1]}`],
    [
      "a hundred thousand properties",
      `{${Array.from({ length: 100_000 }, (_, i) => `"p${i}":1`)}}`,
    ],
  ])("%s is a clear 400, at once", async (_name, body) => {
    const stopwatch = startStopwatch();
    expectRefused(await send({ body }), "invalid_request");
    expect(stopwatch()).toBeLessThan(1000);
  });

  // The validator prints a value that should have been text, and threw at one that cannot be printed.
  test.each([
    ["as the session", '{"sessionId":{"toString":"value-of-extra"},"message":"Hi"}'],
    ["as the message", '{"sessionId":"a","message":{"toString":null,"valueOf":1}}'],
    ["inside of one", '{"sessionId":"a","message":[{"toString":"value-of-extra"}]}'],
  ])("an object that hides its toString is a clear 400, %s", async (_name, body) => {
    expectRefused(await send({ body }), "invalid_request", ["value-of-extra", 'toString":']);
  });

  test("4000 characters beyond the BMP count as 4000", async () => {
    expect((await send({ body: message("😀".repeat(4000)) })).status).toBe(200);
  });

  test.each(["role", "roles", "history", "messages", "model", "system", "temperature"])(
    "%s sent by a client is refused, not ignored",
    async (name) => {
      const body = withExtra(name);
      expectRefused(await send({ body }), "invalid_request", ["value-of-extra"]);
    },
  );

  test("the name of an unexpected property is not repeated, nor how many there were", async () => {
    const names = Array.from({ length: 50 }, (_, index) => `unexpected-${index}`);
    const extras = Object.fromEntries(names.map((name) => [name, "value-of-extra"]));
    const body = JSON.stringify({ sessionId: "a", message: "Hi", ...extras });
    const answer = await send({ body });
    expectRefused(answer, "invalid_request", ["unexpected-", "value-of-extra"]);
    expect(JSON.parse(answer.body)).toHaveProperty("details", [
      { path: "", message: "has a property that is not part of it" },
    ]);
  });

  test("whatever the bytes, the answer is a clear 4xx in the one shape", async () => {
    const anything = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(Buffer.from));
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        const headers = { "x-api-key": WIDGET_KEY, "content-type": "application/json" };
        const init = { method: "POST", headers, body: Buffer.from(bytes) };
        const answer = await readAnswer(await app.fetch("/v1/chat", init));
        const { code }: { code: ErrorCode } = JSON.parse(answer.body);
        expect(["invalid_json", "invalid_request"]).toContain(code);
        expectError(answer, code);
      }),
      { numRuns: 200 },
    );
    expect(store.calls).toEqual([]);
  });
});

describe("the headers of a body:", () => {
  const REFUSED: readonly [string, readonly string[], ErrorCode][] = [
    ["text/plain", [KEY_HEADER, "Content-Type: text/plain"], "unsupported_media_type"],
    ["a form", [KEY_HEADER, "Content-Type: multipart/form-data"], "unsupported_media_type"],
    ["a look-alike", [KEY_HEADER, "Content-Type: application/jsonp"], "unsupported_media_type"],
    ["no media type", [KEY_HEADER], "unsupported_media_type"],
    ["two media types", [KEY_HEADER, JSON_HEADER, JSON_HEADER], "unsupported_media_type"],
    ["two keys", [KEY_HEADER, KEY_HEADER, JSON_HEADER], "unauthorized"],
    ["a wrong key after a right one", [KEY_HEADER, "x-api-key: no", JSON_HEADER], "unauthorized"],
    ["a right key after a wrong one", ["x-api-key: no", KEY_HEADER, JSON_HEADER], "unauthorized"],
    [
      "an Idempotency-Key of 129 characters",
      [KEY_HEADER, JSON_HEADER, `Idempotency-Key: ${"k".repeat(129)}`],
      "invalid_request",
    ],
    [
      "an Idempotency-Key beyond ASCII",
      [KEY_HEADER, JSON_HEADER, "Idempotency-Key: schlüssel"],
      "invalid_request",
    ],
  ];

  test.each(REFUSED)("%s is refused", async (_name, headers, code) => {
    expectRefused(await send({ headers, body: question() }), code);
  });

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON ;x=y"])(
    "%s is accepted as JSON",
    async (mediaType) => {
      const headers = [KEY_HEADER, `Content-Type: ${mediaType}`];
      expect((await send({ headers, body: question() })).status).toBe(200);
    },
  );
});

function message(escaped: string): string {
  return `{"sessionId":"a","message":"${escaped}"}`;
}

function withExtra(name: string): string {
  return `{"sessionId":"a","message":"Hi","${name}":{"x":"value-of-extra"}}`;
}

function invalidUtf8(): Uint8Array {
  return Buffer.concat([
    Buffer.from('{"sessionId":"a","message":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ]);
}

test("a length that is declared beside chunks does not lift the limit of a body", async () => {
  const connection = await openRaw(base);
  const lines = [
    "Host: chat.example.com",
    KEY_HEADER,
    JSON_HEADER,
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
  ];
  connection.write(`POST /v1/chat HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const chunk = question(CHUNK_BYTES);
  for (let sent = 0; sent <= MAX_BODY_BYTES; sent += CHUNK_BYTES) {
    connection.write(`${CHUNK_BYTES.toString(16)}\r\n${chunk}\r\n`);
  }
  connection.write("0\r\n\r\n");
  // The answer is our refusal or, as RFC 9112 section 6.1 allows, the end of the connection.
  const status = await connection.answer().then(
    (answer) => answer.status,
    () => 400,
  );
  expect([400, 413]).toContain(status);
  expect({ model: model.calls, store: store.calls }).toEqual({ model: [], store: [] });
  connection.close();
});
