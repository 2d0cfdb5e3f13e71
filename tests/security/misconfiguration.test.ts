import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { openRaw } from "../support/raw-http.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

const GOOD_WIDGET_KEY = "k5R8zQ1mW7xT3vB9nC4pL6s2";
const GOOD = {
  NODE_ENV: "production",
  OPENAI_API_KEY: "sk-proj-0123456789-0123456789",
  WIDGET_API_KEY: GOOD_WIDGET_KEY,
  ADMIN_API_KEY: "q8Zr2Lk5Tn7Vb1Xc4Wd9Hs3J",
  METRICS_KEY: "m3Fy6Gp9Rk2Ua5Bv8Ez1Dx4N",
  DASHBOARD_PASSWORD: "correct horse battery",
  CORS_ORIGIN: "https://www.example.com",
};

describe("API8:2023 Security Misconfiguration", () => {
  let app: TestApp;
  beforeEach(() => {
    app = createTestApp({ env: { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" } });
  });
  afterEach(() => app.close());

  test.each([
    ["CORS_ORIGIN", "*"],
    ["CORS_ORIGIN", "change-me"],
    ["CORS_ORIGIN", "null"],
    ["CORS_ORIGIN", "https://*.com"],
    ["CORS_ORIGIN", "https://www.example.com,*"],
    ["CORS_ORIGIN", "https://www.example.com/"],
    ["WIDGET_API_KEY", "change-me-please-change-me-now"],
    ["WIDGET_API_KEY", GOOD_WIDGET_KEY.slice(1)],
    ["WIDGET_API_KEY", "w".repeat(24)],
    ["WIDGET_API_KEY", "abcdefghijklmnopqrstuvwxyz"],
    ["ADMIN_API_KEY", "admin"],
    ["ADMIN_API_KEY", GOOD_WIDGET_KEY],
    ["METRICS_KEY", GOOD_WIDGET_KEY],
    ["DASHBOARD_PASSWORD", GOOD_WIDGET_KEY],
    ["DASHBOARD_PASSWORD", "a"],
    ["DASHBOARD_PASSWORD", "password1234"],
    ["DASHBOARD_PASSWORD", "chatporch-2026"],
    ["OPENAI_API_KEY", GOOD_WIDGET_KEY],
    ["OPENAI_API_KEY", "sk-your-own-key"],
    ["TRUST_PROXY", "true"],
    ["PUBLIC_URL", "https://user:secret@chat.example.com"],
    ["RATE_LIMIT_MAX_REQUESTS", "0"],
    ["RATE_LIMIT_MAX_REQUESTS", "Infinity"],
  ])("production does not start with %s=%j", (name, value) => {
    expect(() => loadConfig(GOOD, () => "")).not.toThrow();
    expect(() => loadConfig({ ...GOOD, [name]: value }, () => "")).toThrow(ConfigError);
  });

  test("a feature whose settings are missing is off, not open", async () => {
    const bare = createTestApp({
      env: {
        NODE_ENV: "production",
        OPENAI_API_KEY: "sk-upstream",
        ADMIN_API_KEY: "",
        METRICS_KEY: "",
        DASHBOARD_PASSWORD: "change-me",
      },
    });
    const keys = { "x-admin-api-key": "", "x-metrics-key": "", authorization: "Bearer " };
    const answers: Record<string, number> = {};
    for (const path of ["/v1/admin/conversations", "/metrics", "/dashboard", "/"]) {
      answers[path] = (await bare.fetch(path, { headers: keys })).status;
    }
    expect(answers).toEqual({
      "/v1/admin/conversations": 503,
      "/metrics": 404,
      "/dashboard": 503,
      "/": 404,
    });
    await bare.close();
  });

  test("a request with two framings, two origins or a malformed line is refused", async () => {
    const base = app.listen();
    const smuggled = `GET /v1/admin/conversations HTTP/1.1\r\nHost: a\r\nx-admin-api-key: ${ADMIN_KEY}\r\n\r\n`;
    const post = `POST /v1/chat HTTP/1.1\r\nHost: a\r\nx-api-key: ${WIDGET_KEY}\r\n`;
    for (const request of [
      `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: xchunked\r\n\r\n${smuggled}`,
      `${post}Content-Length: -1\r\n\r\n${smuggled}`,
      `${post}Content-Length: 1_0\r\n\r\n${smuggled}`,
      `${post}Content-Length : 5\r\n\r\n${smuggled}`,
      `GET /health HTTP/1.1\nHost: a\n\n${smuggled}`,
    ]) {
      const connection = await openRaw(base);
      connection.write(request);
      await connection.closed;
      expect(connection.text()).toMatch(/^HTTP\/1\.1 (?:400|505) /);
      expect(connection.text()).not.toContain("conversations");
      expect(connection.text()).not.toMatch(/\r\n(?:Server|X-Powered-By):/i);
    }
    const connection = await openRaw(base);
    const origins = `Origin: ${ALLOWED_ORIGIN}\r\nOrigin: https://evil.example\r\n`;
    connection.write(`GET /health HTTP/1.1\r\nHost: a\r\n${origins}\r\n`);
    expectError(await connection.answer(), "origin_not_allowed", ["evil.example"]);
    connection.close();
  });

  test("no header that a client sends comes back, and no path injects one", async () => {
    const sent = "sent-by-the-client";
    const headers: Record<string, string> = {
      "x-request-id": sent,
      "x-session-token": sent,
      "access-control-request-headers": sent,
      "accept-language": sent,
      "user-agent": sent,
      "x-correlation-id": sent,
      traceparent: sent,
      cookie: `chatporch=${sent}`,
      accept: `text/html;${sent}`,
      origin: ALLOWED_ORIGIN,
    };
    for (const path of [
      `/health?${sent}`,
      `/v1/${sent}`,
      `/${sent}%0d%0aSet-Cookie:%20a=b`,
      `/v1/chat/stream/${sent}%0d%0aX-Put-In:%20a`,
      `/v1/chat/history?sessionId=${sent}%0d%0a`,
    ]) {
      const init = { headers: { ...headers, "x-api-key": WIDGET_KEY } };
      const answer = await readAnswer(await app.fetch(path, init));
      expect(`${JSON.stringify([...answer.headers])}${answer.body}`).not.toContain(sent);
      expect(answer.headers.has("set-cookie")).toBe(false);
      expect(answer.headers.has("x-put-in")).toBe(false);
    }
  });

  test("the login page leads only into the dashboard, whatever the address asks for", async () => {
    const page = await readAnswer(
      await app.fetch("/dashboard/conversations?q=%0d%0aLocation:%20x"),
    );
    expect(page.body).toContain('name="next" value="/dashboard/conversations"');
    expect(page.headers.has("location")).toBe(false);
  });
});
