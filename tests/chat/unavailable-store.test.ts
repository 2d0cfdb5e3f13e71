import { afterEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { parseSse } from "../../harness/streams.ts";
import { PUBLIC_ERRORS } from "../../src/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { StoreUnavailableError } from "../../src/store/unavailable.ts";
import { expectError, expectNoLeak, readAnswer } from "../support/answers.ts";
import { ENDPOINTS } from "../support/endpoints.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  METRICS_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

const KEYS = {
  "x-api-key": WIDGET_KEY,
  "x-admin-api-key": ADMIN_KEY,
  "x-metrics-key": METRICS_KEY,
};

/** A database on another machine that is away for a while. */

const SECRET = "db.internal";

let app: TestApp;
let server: ModelServer;

let isAway = false;

function start(): void {
  isAway = false;
  server = startModelServer(answer("Hello there"));
  const real = openSqliteStore(":memory:");
  const store = new Proxy<Store>(real, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name === "close") return () => target.close();
      return async (...values: readonly unknown[]) => {
        if (isAway) throw new StoreUnavailableError(`no answer from ${SECRET}`);
        return member.apply(target, values);
      };
    },
  });
  app = createTestApp({ store, modelUrl: server.url, env: { NODE_ENV: "development" } });
}

afterEach(async () => {
  isAway = false;
  await app.close();
  await server.stop();
});

function ask(message: string, headers: Record<string, string> = {}) {
  return app.fetch("/v1/chat/stream", chatRequest({ sessionId: "visitor-1", message }, headers));
}

describe("while the database is away", () => {
  test.each(
    ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.route}`, endpoint] as const),
  )("%s does its work or says 503 with Retry-After", async (_name, endpoint) => {
    start();
    const { path, init } = await endpoint.sample(app);
    isAway = true;
    const headers = { ...KEYS, ...init.headers };
    const answered = await readAnswer(await app.fetch(path, { ...init, headers }));
    expectNoLeak(answered, [SECRET], [WIDGET_KEY, ...(endpoint.shown ?? [])]);
    // What needs no database is answered, and refused, as ever.
    const { error, status } = endpoint;
    const usual = [status, ...(error === undefined ? [] : [PUBLIC_ERRORS[error].status])];
    if (usual.includes(answered.status)) return;
    expect(answered.status).toBe(503);
    expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(0);
    if (endpoint.isDashboard) return;
    expectError(answered, "store_unavailable", [SECRET]);
    const document: unknown = await (await app.fetch("/v1/openapi.json")).json();
    const route = endpoint.route.replaceAll(/:(\w+)/g, "{$1}");
    expect(document).toHaveProperty(
      ["paths", route, endpoint.method.toLowerCase(), "responses", "503", "description"],
      expect.stringContaining("store_unavailable"),
    );
  });

  test("the log says so once, and not for every request", async () => {
    start();
    isAway = true;
    for (let i = 0; i < 20; i++) await ask(`Question ${i}`);
    const errors = app.lines.filter((line) => line.includes('"level":"error"'));
    expect(errors.filter((line) => line.includes("database unavailable"))).toHaveLength(1);
    expect(errors.filter((line) => line.includes("request failed"))).toHaveLength(0);
  });

  test("an answer goes on, ends with an error, and is stored when the database is back", async () => {
    start();
    server.script = (call) => call.token("Not lost");
    const response = await ask("Hi");
    const call = await server.call(0);
    isAway = true;
    call.finish();
    expect(parseSse(await response.text()).at(-1)?.data).toMatchObject({ code: "internal_error" });
    isAway = false;
    server.script = answer("Next");
    expect((await ask("And now?")).status).toBe(200);
    const conversation = await app.store.findConversationBySession("visitor-1");
    const messages = await app.store.messagesAfter(conversation?.id ?? "", 0, 10, 1000);
    expect(messages[1]).toMatchObject({ content: "Not lost", status: "complete" });
  });
});
