import { afterEach, describe, expect, test } from "bun:test";

import { parseSse } from "../../harness/streams.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { expectError, expectNoLeak, readAnswer } from "../support/answers.ts";
import { createObservedModel } from "../support/observed.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

let app: TestApp;

afterEach(() => app.close());

function start(failing: Partial<Store> = {}): void {
  const real = openSqliteStore(":memory:");
  const store = new Proxy(real, {
    get(target, name) {
      const member: unknown = Reflect.get(failing, name) ?? Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  app = createTestApp({ store, model: createObservedModel().part });
}

async function ask(path: string, init: RequestInit) {
  return readAnswer(await app.fetch(path, init));
}

describe("an error's sentence", () => {
  test("is also its `sentence` where the owner has written it, and else the table's alone", async () => {
    const bodies: unknown[] = [];
    for (const BUDGET_MESSAGE of ["Back at 8.", ""]) {
      app = createTestApp({ env: { MODEL_CALLS: "off", BUDGET_MESSAGE } });
      const { body } = await ask("/v1/chat", chatRequest({ sessionId: "a", message: "Hi" }));
      const { error, sentence } = JSON.parse(body);
      bodies.push({ error, sentence });
      await app.close();
    }
    expect(bodies).toEqual([
      { error: "Back at 8.", sentence: "Back at 8." },
      { error: "No questions are answered here at the moment.", sentence: undefined },
    ]);
  });
});

describe("a mistake in a request", () => {
  async function detailsOf(path: string, init: RequestInit, sent: string[] = []) {
    const answer = await ask(path, init);
    expectError(answer, "invalid_request", sent);
    const { details }: { details: unknown } = JSON.parse(answer.body);
    return details;
  }

  test("is reported with its place and the rule, and without the value", async () => {
    start();
    const body = { sessionId: "sent session", message: "" };
    expect(await detailsOf("/v1/chat", chatRequest(body), ["sent session"])).toEqual([
      { path: "/sessionId", message: "1 to 128 characters of A-Z a-z 0-9 . _ : -" },
      {
        path: "/message",
        message: "1 to 4000 characters of well-formed text that is not only white space",
      },
    ]);
  });

  test("is reported once for each place", async () => {
    start();
    const details = await detailsOf("/v1/chat", chatRequest({}));
    expect(details).toEqual([
      { path: "/sessionId", message: expect.any(String) },
      { path: "/message", message: expect.any(String) },
    ]);
  });

  test("is reported for an unexpected property without its name", async () => {
    start();
    const body = { sessionId: "a", message: "Hi", sentProperty: "sentValue" };
    const details = await detailsOf("/v1/chat", chatRequest(body), ["sentProperty", "sentValue"]);
    expect(details).toEqual([{ path: "", message: "has a property that is not part of it" }]);
  });

  test("is reported for a header", async () => {
    start();
    const init = chatRequest(
      { sessionId: "a", message: "Hi" },
      { "idempotency-key": "sent\u00e9key" },
    );
    expect(await detailsOf("/v1/chat", init, ["sent\u00e9key"])).toEqual([
      { path: "/idempotency-key", message: "1 to 128 printable ASCII characters, sent once" },
    ]);
  });

  test.each([
    ["/v1/admin/conversations?limit=sentvalue", "/limit"],
    ["/v1/admin/conversations?limit=0", "/limit"],
    ["/v1/admin/conversations?limit=201", "/limit"],
    ["/v1/admin/conversations?cursor=sentvalue", "/cursor"],
    ["/v1/admin/conversations?from=sentvalue", "/from"],
    ["/v1/admin/conversations?to=2026-13-45", "/to"],
    [`/v1/admin/conversations?q=${"sentvalue".repeat(40)}`, "/q"],
    ["/v1/admin/conversations?sentproperty=1", ""],
    ["/v1/admin/conversations/export?format=sentvalue", "/format"],
  ])("is reported for a query: %s", async (path, place) => {
    start();
    const init = { headers: { "x-admin-api-key": ADMIN_KEY } };
    const details = await detailsOf(path, init, ["sentvalue", "sentproperty", "2026-13"]);
    expect(details).toEqual([{ path: place, message: expect.any(String) }]);
  });

  test("is reported for a visitor's query", async () => {
    start();
    const init = { headers: { "x-api-key": WIDGET_KEY } };
    const path = "/v1/chat/history?sessionId=sent%20session";
    expect(await detailsOf(path, init, ["sent session", "sent%20session"])).toEqual([
      { path: "/sessionId", message: "1 to 128 characters of A-Z a-z 0-9 . _ : -" },
    ]);
  });

  test("is reported without details when there is no place to name", async () => {
    start();
    const answer = await ask("/v1/chat", chatRequest("{sentvalue"));
    expectError(answer, "invalid_json", ["sentvalue"]);
    expect(JSON.parse(answer.body)).not.toHaveProperty("details");
  });
});

describe("an unforeseen error", () => {
  const MESSAGE = `SQLITE_CORRUPT in /var/lib/chat.db: sk-upstream`;
  const FAILURES: readonly [string, () => unknown][] = [
    ["an error", () => new Error(MESSAGE)],
    ["an error with a cause", () => new Error("outer", { cause: new Error(MESSAGE) })],
    ["an error that calls itself a 404", () => Object.assign(new Error(MESSAGE), { status: 404 })],
    ["an error with a code", () => Object.assign(new Error(MESSAGE), { code: "NOT_FOUND" })],
    [
      "an error that renders itself",
      () => Object.assign(new Error(MESSAGE), { toResponse: () => new Response(MESSAGE) }),
    ],
    ["a text", () => MESSAGE],
    ["an object", () => ({ status: 200, message: MESSAGE })],
    ["a response", () => new Response(MESSAGE, { status: 200 })],
  ];

  test.each(FAILURES)(
    "is a 500 that reveals nothing, while the log has everything: %s",
    async (_name, make) => {
      start({ listConversations: () => Promise.reject(make()) });
      const init = { headers: { "x-admin-api-key": ADMIN_KEY, origin: ALLOWED_ORIGIN } };
      const answer = await ask("/v1/admin/conversations", init);
      expectError(answer, "internal_error", ["SQLITE", "chat.db"]);
      expect(answer.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
      const requestId = answer.headers.get("x-request-id");
      const logged = app.lines.filter((line) => line.includes('"level":"error"'));
      expect(logged).toHaveLength(1);
      expect(JSON.parse(logged[0] ?? "")).toMatchObject({ event: "request failed", requestId });
    },
  );

  test("is logged with its reason and its stack", async () => {
    start({ listConversations: () => Promise.reject(new Error("disk is full")) });
    await ask("/v1/admin/conversations", { headers: { "x-admin-api-key": ADMIN_KEY } });
    const line = app.lines.find((each) => each.includes("request failed")) ?? "";
    const { error }: { error: unknown } = JSON.parse(line);
    expect(error).toMatchObject({
      name: "Error",
      reason: "disk is full",
      stack: expect.stringContaining("error-handler.test"),
    });
  });

  test.each(["/v1/chat", "/v1/chat/stream", "/chat"])(
    "at the beginning of a turn is 500 at %s, and the session is free again",
    async (path) => {
      let isBroken = true;
      const real = openSqliteStore(":memory:");
      start({
        beginTurn: (turn) =>
          isBroken ? Promise.reject(new Error("disk is full")) : real.beginTurn(turn),
        finishTurn: (turnId, outcome) => real.finishTurn(turnId, outcome),
      });
      const init = () => chatRequest({ sessionId: "a", message: "Hi" });
      expectError(await ask(path, init()), "internal_error", ["disk is full"]);
      isBroken = false;
      expect((await ask(path, init())).status).toBe(200);
      await real.close();
    },
  );

  test("at the end of a turn is an error event, not a done event", async () => {
    start({ finishTurn: () => Promise.reject(new Error("disk is full")) });
    const answer = await ask("/v1/chat/stream", chatRequest({ sessionId: "a", message: "Hi" }));
    expectNoLeak(answer, ["disk is full"]);
    const last: unknown = parseSse(answer.body).at(-1)?.data;
    expect(last).toEqual({
      type: "error",
      error: "Something went wrong on the server.",
      code: "internal_error",
    });
  });

  test("in the store makes the server unready, not unhealthy", async () => {
    start({ ping: () => Promise.reject(new Error("disk is full")) });
    expectError(await ask("/ready", {}), "store_unavailable", ["disk is full"]);
    expect((await ask("/health", {})).status).toBe(200);
  });

  test("is a 500 each time, and the server goes on running", async () => {
    const fail = () => Promise.reject(new Error("disk is full"));
    start({ findConversation: fail, listErasable: fail });
    const headers = { "x-admin-api-key": ADMIN_KEY };
    for (const method of ["GET", "DELETE", "GET"]) {
      const answer = await ask("/v1/admin/conversations/c_1", { method, headers });
      expectError(answer, "internal_error");
    }
    expect((await ask("/health", {})).status).toBe(200);
  });
});

test("a server that is shutting down refuses questions and is unready", async () => {
  start();
  await app.chat.drain(0);
  const init = chatRequest({ sessionId: "a", message: "Hi" }, { origin: ALLOWED_ORIGIN });
  for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
    expectError(await ask(path, init), "draining");
  }
  expectError(await ask("/ready", {}), "draining");
});
