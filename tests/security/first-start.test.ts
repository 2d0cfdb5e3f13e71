import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectError, readAnswer } from "../support/answers.ts";
import { expectErrorPage, form, PAGE_HEADERS } from "../support/dashboard-requests.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

const QUESTION = { sessionId: "session-of-a-stranger", message: "Is anybody there?" };
const ORIGIN = "https://www.example.com";

/** Production, in which nobody has set anything. The start makes the widget key. */
const BARE = {
  NODE_ENV: "production",
  WIDGET_API_KEY: "",
  ADMIN_API_KEY: "",
  METRICS_KEY: "",
  DASHBOARD_PASSWORD: "",
  CORS_ORIGIN: "",
};

describe("production without any setting", () => {
  let app: TestApp;
  beforeEach(() => {
    app = createTestApp({ env: BARE, config: { keys: { widget: [WIDGET_KEY] } } });
  });
  afterEach(() => app.close());

  const ask = (headers: Record<string, string> = {}, path = "/v1/chat") =>
    app.fetch(path, chatRequest(QUESTION, headers)).then(readAnswer);

  test.each(["/v1/chat", "/v1/chat/stream", "/chat"])(
    "refuses a question at %s, because no model is set up, and stores nothing",
    async (path) => {
      const answer = await ask({}, path);
      expectError(answer, "not_set_up");
      expect((await app.store.listConversations({ limit: 10 })).total).toBe(0);
    },
  );

  test("takes questions as soon as the owner has set up a model", async () => {
    expectError(await ask(), "not_set_up");
    const changes = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" };
    const outcome = await app.settings.change(changes, { by: "the dashboard" });
    expect(outcome.kind).toBe("changed");
    expect((await ask()).status).toBe(200);
  });

  test("lets no website chat, not even read the answer", async () => {
    for (const path of ["/v1/chat", "/v1/chat/stream", "/v1/sessions"]) {
      const answer = await ask({ origin: ORIGIN }, path);
      expectError(answer, "origin_not_allowed");
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    }
    const preflight = await app.fetch("/v1/chat", {
      method: "OPTIONS",
      headers: { origin: ORIGIN, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(403);
  });

  test("refuses the key of nobody", async () => {
    for (const key of ["", "undefined", "dev_"]) {
      expectError(await ask({ "x-api-key": key }), "unauthorized");
    }
  });

  test("opens no page of the dashboard, whatever password or token is sent", async () => {
    for (const { method, path } of app.app.routes) {
      if (!path.startsWith("/dashboard") || /assets|claim/.test(path)) continue;
      if (method !== "GET" && method !== "POST") continue;
      const init = method === "POST" ? form({ password: "", formToken: "" }) : {};
      const answer = await readAnswer(await app.fetch(path.replace(":id", "c_1"), init));
      expectErrorPage(answer, "dashboard_unclaimed");
    }
    for (const token of ["", "undefined", "null", "A".repeat(43)]) {
      const fields = { token, password: "a stranger's words", again: "a stranger's words" };
      expect((await app.fetch("/dashboard/claim", form(fields))).status).toBe(403);
    }
    expect(await app.store.ownerPasswordHash()).toBeUndefined();
  });

  test("closes the admin API and the metrics", async () => {
    expect((await app.fetch("/v1/admin/conversations")).status).toBe(503);
    expect((await app.fetch("/metrics")).status).toBe(404);
  });
});

describe("the front page in production", () => {
  const open = async (app: TestApp, accept?: string) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    return readAnswer(await app.fetch("/", { headers }));
  };

  test("is a quiet page with a link to the dashboard, for a browser", async () => {
    const app = createTestApp({
      env: {
        NODE_ENV: "production",
        OPENAI_API_KEY: "sk-upstream",
        PUBLIC_URL: "https://example.com/chat",
      },
    });
    const answer = await open(app, "text/html,application/xhtml+xml,*/*;q=0.8");
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject(PAGE_HEADERS);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toContain('href="/chat/dashboard"');
    expect(answer.body).not.toContain(WIDGET_KEY);
    await app.close();
  });

  test("does not exist for programs", async () => {
    const app = createTestApp({ env: { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" } });
    for (const accept of [undefined, "*/*", "application/json"]) {
      expectError(await open(app, accept), "not_found");
    }
    await app.close();
  });
});
