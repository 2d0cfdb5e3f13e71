import { afterEach, beforeEach, expect, test } from "bun:test";

import type { ErrorCode } from "../../src/errors.ts";
import { MAX_BODY_BYTES } from "../../src/http/read-body.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel, type Observed, observeWrites } from "../support/observed.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** Checks run in the order of contract section 3: origin, rate limit, size, key, shape. */

const REFUSED_ORIGIN = { origin: "https://evil.example" };
const WRONG_KEY = { "x-api-key": "wrong-key-0123456789-0123456789" };
const TOO_LARGE = { "content-length": String(MAX_BODY_BYTES + 1) };
const WRONG_SHAPE = `{"sessionId":"a"`;

const CHAT_PATHS = ["/v1/chat", "/v1/chat/stream", "/chat"];

let app: TestApp;
let model: Observed<ChatModel>;
let store: Observed<Store>;

beforeEach(() => {
  model = createObservedModel();
  store = observeWrites(openSqliteStore(":memory:"));
  app = createTestApp({
    env: { RATE_LIMIT_MAX_REQUESTS: "4" },
    model: model.part,
    store: store.part,
  });
});

afterEach(() => app.close());

async function useUpTheLimit(): Promise<void> {
  for (let i = 0; i < 4; i++) await app.fetch("/v1/chat");
}

async function expectRefused(init: RequestInit, code: ErrorCode, path = "/v1/chat") {
  expectError(await readAnswer(await app.fetch(path, init)), code);
  expect({ model: model.calls, store: store.calls }).toEqual({ model: [], store: [] });
}

test("the origin is refused before the limit, the size, the key and the shape", async () => {
  await useUpTheLimit();
  const headers = { ...REFUSED_ORIGIN, ...TOO_LARGE, ...WRONG_KEY };
  await expectRefused(chatRequest(WRONG_SHAPE, headers), "origin_not_allowed");
  await expectRefused(chatRequest(WRONG_SHAPE, REFUSED_ORIGIN), "origin_not_allowed", "/nowhere");
});

test("the limit is reported before the size, the key and the shape", async () => {
  await useUpTheLimit();
  await expectRefused(chatRequest(WRONG_SHAPE, { ...TOO_LARGE, ...WRONG_KEY }), "rate_limited");
  await expectRefused(chatRequest({ sessionId: "a", message: "Hi" }), "rate_limited");
});

test.each(CHAT_PATHS)(
  "at %s a declared size is refused before the key and the shape",
  async (path) => {
    const headers = { ...TOO_LARGE, ...WRONG_KEY };
    await expectRefused(chatRequest(WRONG_SHAPE, headers), "body_too_large", path);
  },
);

test.each(CHAT_PATHS)(
  "at %s a size that only shows as the body comes is refused only for requests with a key",
  async (path) => {
    const tooLarge = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(MAX_BODY_BYTES));
          controller.enqueue(new Uint8Array(1));
          controller.close();
        },
      });
    const undeclared = (key: Record<string, string>) => ({
      method: "POST",
      headers: key,
      body: tooLarge(),
    });
    // A client without a key cannot make the server wait for a body.
    await expectRefused(undeclared(WRONG_KEY), "unauthorized", path);
    await expectRefused(undeclared({ "x-api-key": WIDGET_KEY }), "body_too_large", path);
  },
);

test("the key is refused before the shape", async () => {
  const badBodies = [WRONG_SHAPE, "", "null", `{"sessionId":"a","message":"Hi","model":"big"}`];
  for (const [index, body] of badBodies.entries()) {
    const path = CHAT_PATHS[index % CHAT_PATHS.length];
    await expectRefused(chatRequest(body, WRONG_KEY), "unauthorized", path);
  }
});

test("the key is refused before the media type", async () => {
  const headers = { ...WRONG_KEY, "content-type": "text/plain" };
  await expectRefused(chatRequest("Hi", headers), "unauthorized");
});

test("the key is refused before a query, a parameter or a header that does not fit", async () => {
  await expectRefused({ headers: WRONG_KEY }, "unauthorized", "/v1/chat/history?sessionId=%00");
  await expectRefused({}, "unauthorized", "/v1/admin/conversations?limit=abc&nonsense=1");
  const badResume = { headers: { ...WRONG_KEY, "last-event-id": "x" } };
  await expectRefused(badResume, "unauthorized", "/v1/chat/stream/t_1?after=x");
  const badKey = chatRequest("{}", { ...WRONG_KEY, "idempotency-key": "é" });
  await expectRefused(badKey, "unauthorized");
});

test("the shape is refused when everything before it is right", async () => {
  await expectRefused(chatRequest(WRONG_SHAPE), "invalid_json");
  await expectRefused(chatRequest({ sessionId: "a" }), "invalid_request");
  const history = { headers: { "x-api-key": WIDGET_KEY } };
  await expectRefused(history, "invalid_request", "/v1/chat/history?sessionId=%00");
  const list = { headers: { "x-admin-api-key": ADMIN_KEY } };
  await expectRefused(list, "invalid_request", "/v1/admin/conversations?limit=abc");
});

test("a refusal of an unknown turn or of somebody else's session writes nothing to the store", async () => {
  const headers = { "x-api-key": WIDGET_KEY };
  await expectRefused({ headers, method: "POST" }, "not_found", "/v1/chat/stream/t_1/stop");
  const minted = `s_${"A".repeat(22)}`;
  const asked = chatRequest({ sessionId: minted, message: "Hi" });
  await expectRefused(asked, "session_token_invalid");
  const erase = { headers, method: "DELETE" };
  await expectRefused(erase, "session_token_invalid", `/v1/chat/history?sessionId=${minted}`);
});
