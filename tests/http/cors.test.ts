import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel } from "../support/observed.ts";
import { ALLOWED_ORIGIN, chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;

function start(origins = `${ALLOWED_ORIGIN}, https://*.example.org`): void {
  app = createTestApp({ env: { CORS_ORIGIN: origins }, model: createObservedModel().part });
}

beforeEach(() => start());
afterEach(() => app.close());

function preflight(origin: string, headers: Record<string, string> = {}) {
  return app.fetch("/v1/chat/stream", {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", ...headers },
  });
}

function ask(origin?: string) {
  const headers = origin === undefined ? {} : { origin };
  return app.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi" }, headers));
}

function list(response: Response, header: string): string[] {
  return response.headers.get(header)?.split(", ") ?? [];
}

describe("a preflight", () => {
  test("of an allowed website gets all that it may send, valid for two hours", async () => {
    const response = await preflight(ALLOWED_ORIGIN);
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(response.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
    expect(list(response, "access-control-allow-methods").toSorted()).toEqual([
      "DELETE",
      "GET",
      "POST",
      "PUT",
    ]);
    expect(list(response, "access-control-allow-headers").toSorted()).toEqual([
      "authorization",
      "content-type",
      "idempotency-key",
      "last-event-id",
      "x-admin-api-key",
      "x-api-key",
      "x-proof",
      "x-session-token",
      "x-widget-api-key",
    ]);
    expect(response.headers.get("access-control-max-age")).toBe("7200");
    expect(response.headers.get("vary")).toBe("Origin");
  });

  test("does not repeat the method and the headers that were asked for", async () => {
    const response = await preflight(ALLOWED_ORIGIN, {
      "access-control-request-method": "PROPFIND",
      "access-control-request-headers": "x-of-the-client",
    });
    const seen = JSON.stringify([...response.headers]);
    expect(seen).not.toContain("PROPFIND");
    expect(seen).not.toContain("x-of-the-client");
  });

  test("needs no key and takes nothing from the visitor's budget", async () => {
    for (let i = 0; i < 20; i++) expect((await preflight(ALLOWED_ORIGIN)).status).toBe(204);
    expect((await ask(ALLOWED_ORIGIN)).headers.get("ratelimit")).toBe('"chat";r=9999;t=60');
  });

  test("of another website is refused", async () => {
    const answer = await readAnswer(await preflight("https://evil.example"));
    expectError(answer, "origin_not_allowed", ["evil.example"]);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    expect(answer.headers.has("access-control-allow-methods")).toBe(false);
  });
});

describe("an answer's CORS headers:", () => {
  test("an allowed website can read the answer and the headers it needs", async () => {
    const response = await ask(ALLOWED_ORIGIN);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
    expect(response.headers.get("vary")).toBe("Origin");
    expect(list(response, "access-control-expose-headers").toSorted()).toEqual([
      "ratelimit",
      "ratelimit-policy",
      "retry-after",
      "x-request-id",
      "x-session-token",
    ]);
  });

  test("the subdomain that asked is named, not the pattern", async () => {
    const response = await ask("https://shop.example.org");
    expect(response.headers.get("access-control-allow-origin")).toBe("https://shop.example.org");
  });

  test("an answer to no website names none", async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
    expect(response.headers.get("vary")).toBe("Origin");
  });

  test.each([
    "https://evil.example",
    "null",
    "constructor",
    "__proto__",
    "https://www.example.com.evil.example",
    "https://example.org",
    "http://www.example.com",
    "",
  ])("the origin %j is refused, and cannot read the refusal", async (origin) => {
    const answer = await readAnswer(await ask(origin));
    expectError(answer, "origin_not_allowed", ["evil.example"]);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    expect(answer.headers.get("vary")).toBe("Origin");
  });
});

describe.each(["*", `${ALLOWED_ORIGIN}, https://*.example.org`])("with %s", (origins) => {
  test("no answer sends * or allows credentials", async () => {
    await app.close();
    start(origins);
    const responses = [
      await preflight(ALLOWED_ORIGIN),
      await ask(ALLOWED_ORIGIN),
      await ask(),
      await ask("https://evil.example"),
      await app.fetch("/health", { headers: { origin: ALLOWED_ORIGIN } }),
      await app.fetch("/nowhere", { headers: { origin: ALLOWED_ORIGIN } }),
      await app.fetch("/nowhere", { method: "OPTIONS" }),
    ];
    for (const { headers } of responses) {
      expect(headers.has("access-control-allow-credentials")).toBe(false);
      expect([...headers].filter(([, value]) => value === "*")).toEqual([]);
    }
  });
});

test("in development every website may ask, and the answer names it", async () => {
  await app.close();
  app = createTestApp({
    env: { NODE_ENV: "development", CORS_ORIGIN: "" },
    model: createObservedModel().part,
  });
  const response = await ask("http://localhost:5173");
  expect(response.status).toBe(200);
  expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
});

test("an app with a scheme of its own may ask once its origin is listed", async () => {
  const APP = "capacitor://localhost";
  expectError(await readAnswer(await ask(APP)), "origin_not_allowed");
  await app.close();
  start(`${ALLOWED_ORIGIN},${APP}`);
  for (const response of [await preflight(APP), await ask(APP)]) {
    expect([200, 204]).toContain(response.status);
    expect(response.headers.get("access-control-allow-origin")).toBe(APP);
  }
  expectError(await readAnswer(await ask("null")), "origin_not_allowed");
});

describe("pages of the server itself", () => {
  test("may chat at the address in PUBLIC_URL", async () => {
    await app.close();
    const env = { CORS_ORIGIN: ALLOWED_ORIGIN, PUBLIC_URL: "https://chat.example.com" };
    app = createTestApp({ env, model: createObservedModel().part });
    expect((await ask("https://chat.example.com")).status).toBe(200);
    expectError(await readAnswer(await ask("http://chat.example.com")), "origin_not_allowed");
    expectError(await readAnswer(await ask("http://localhost")), "origin_not_allowed");
  });

  test("may chat in development at local addresses, even when websites are listed", async () => {
    await app.close();
    const env = { NODE_ENV: "development", CORS_ORIGIN: ALLOWED_ORIGIN };
    app = createTestApp({ env, model: createObservedModel().part });
    const at = (host: string, origin = host) =>
      app.app.handle(
        new Request(`${host}/v1/chat`, chatRequest({ sessionId: "a", message: "Hi" }, { origin })),
      );
    for (const host of ["http://localhost", "http://127.0.0.1:4000", "http://[::1]:4000"]) {
      expect((await at(host)).status).toBe(200);
    }
    // A website could point a name of its own at this machine, and would then pass for one of its pages.
    for (const [host, origin] of [
      ["http://evil.example:4000", "http://evil.example:4000"],
      ["http://localhost", "http://localhost:1"],
      ["http://localhost", "https://other.example"],
    ] as const) {
      expectError(await readAnswer(await at(host, origin)), "origin_not_allowed");
    }
  });

  test("in the dashboard cannot be read by a website, listed or not, even under *", async () => {
    await app.close();
    start("*");
    for (const origin of [ALLOWED_ORIGIN, "https://evil.example", "null"]) {
      const response = await app.fetch("/dashboard/login", { headers: { origin } });
      expect(response.status).toBe(403);
      expect(response.headers.has("access-control-allow-origin")).toBe(false);
    }
    const headers = { origin: "http://localhost" };
    expect((await app.fetch("/dashboard/login", { headers })).status).toBe(200);
  });
});
