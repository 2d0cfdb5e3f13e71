import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { ENDPOINTS } from "../support/endpoints.ts";
import { createObservedModel, observeWrites } from "../support/observed.ts";
import { openRaw } from "../support/raw-http.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/** Where the owner proves who he is. Everybody may open them. */
const DOORS: readonly string[] = ["/dashboard/login", "/dashboard/claim"];

/** The routes that only the owner may call. app.test.ts fails when a new route is missing from the table. */
const OWNERS = ENDPOINTS.filter(
  ({ guard, isDashboard, budget, route }) =>
    guard === "admin" ||
    guard === "metrics" ||
    (isDashboard && budget !== "none" && !DOORS.includes(route)),
);

/** Spellings of the same address that a guard may take for another address. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `/${path}`,
  (path) => `/.${path}`,
  (path) => `/health/..${path}`,
  (path) => `/widget/..${path}`,
  (path) => `/dashboard/assets/..%2f..${path}`,
  (path) => `/widget/%2e%2e${path}`,
  (path) => path.toUpperCase(),
  (path) => path.replace("a", "%61"),
  (path) => path.replaceAll("/", "%2f").replace("%2f", "/"),
  (path) => `${path}%20`,
  (path) => `${path}%00`,
  (path) => `${path};a=b`,
  (path) => `${path}.json`,
  (path) => `${path}#/health`,
  (path) => `${path}?x-admin-api-key=${WIDGET_KEY}`,
  (path) => `http://localhost${path}`,
];

/** The visitor's key in every place where the owner's key could be, and headers that some proxies obey. */
const DISGUISES: readonly string[] = [
  `x-api-key: ${WIDGET_KEY}`,
  `x-admin-api-key: ${WIDGET_KEY}`,
  `x-metrics-key: ${WIDGET_KEY}`,
  `Authorization: Bearer ${WIDGET_KEY}`,
  `x-api-key: ${WIDGET_KEY}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1`,
  `x-api-key: ${WIDGET_KEY}\r\nX-Original-URL: /health\r\nX-Rewrite-URL: /health`,
  `x-api-key: ${WIDGET_KEY}\r\nX-HTTP-Method-Override: GET\r\nX-Method-Override: GET`,
  `Cookie: chatporch=${"A".repeat(43)}; __Host-chatporch=${"A".repeat(43)}; role=admin`,
];

describe("API5:2023 Broken Function Level Authorization", () => {
  let app: TestApp;
  let base: string;
  let writes: readonly string[];
  let conversationId: string;

  beforeAll(async () => {
    const store = observeWrites(openSqliteStore(":memory:"));
    app = createTestApp({
      env: { RATE_LIMIT_MAX_REQUESTS: "1000000" },
      model: createObservedModel().part,
      store: store.part,
    });
    base = app.listen();
    const body = JSON.stringify({ sessionId: "visitor-1", message: "words of a visitor" });
    const headers = { "content-type": "application/json", "x-api-key": WIDGET_KEY };
    const asked = await app.fetch("/v1/chat", { method: "POST", headers, body });
    conversationId = ((await asked.json()) as { conversationId: string }).conversationId;
    writes = [...store.calls];
    expect(writes).toEqual(["beginTurn", "finishTurn"]);
    writes = store.calls;
  });
  afterAll(() => app.close());

  test.each(OWNERS.map(({ method, route }) => [method, route] as const))(
    "%s %s refuses everything that a visitor has, however the path is spelled",
    async (method, route) => {
      const path = route.replace(":id", conversationId);
      const connection = await openRaw(base);
      for (const spell of SPELLINGS) {
        for (const disguise of DISGUISES) {
          connection.write(
            `${method} ${spell(path)} HTTP/1.1\r\nHost: localhost\r\n${disguise}\r\nContent-Length: 0\r\n\r\n`,
          );
          const { status, body } = await connection.answer();
          expect([400, 401, 404, 405]).toContain(status);
          expect(body).not.toContain("words of a visitor");
          expect(body).not.toContain("chatporch_");
        }
      }
      connection.close();
      expect(writes).toEqual(["beginTurn", "finishTurn"]);
    },
  );

  test("the owner's routes refuse other methods with a visitor's key, and store nothing", async () => {
    const methods = ["HEAD", "PUT", "PATCH", "PROPFIND", "TRACE", "MOVE", "PURGE", "LOCK"];
    for (const { method, route } of OWNERS) {
      const path = route.replace(":id", conversationId);
      for (const other of [...methods, method === "GET" ? "POST" : "GET"]) {
        const connection = await openRaw(base);
        connection.write(
          `${other} ${path} HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${WIDGET_KEY}\r\nContent-Length: 0\r\n\r\n`,
        );
        const head = await connection.head();
        expect([400, 401, 405]).toContain(head.status);
        connection.close();
      }
    }
    expect(writes).toEqual(["beginTurn", "finishTurn"]);
  });

  test("these tests try every route of the owner's", () => {
    const tried = new Set(OWNERS.map(({ method, route }) => `${method} ${route}`));
    const owners = app.app.routes
      .filter(({ path }) => /^\/(?:v1\/admin|dashboard|metrics)(?:\/|$)/.test(path))
      // What has no data, and what a password or a claim's token opens.
      .filter(({ path }) => !/^\/dashboard\/(?:assets\/|login$|claim$)/.test(path))
      .map(({ method, path }) => `${method} ${path}`);
    expect(owners.length).toBeGreaterThan(12);
    expect(owners.filter((route) => !tried.has(route))).toEqual([]);
  });
});
