import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { widgetFiles } from "../../src/assets/widget-files.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel } from "../support/observed.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  METRICS_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** Paths where frameworks, other software and careless deployments leave something. */
const LEFT_BEHIND = `
  /openapi /openapi/json /openapi.json /swagger /swagger/json /docs
  /redoc /v1 /v2/chat /v0/chat /api /api/v1/chat
  /api/chat /v1/chat/completions /admin /v1/admin /v1/admin/ /v1/admin/diagnostics
  /v1/admin/settings /debug /debug/pprof /_debug /trace /status
  /info /env /config /.env /.git/config /package.json
  /bun.lock /data/chatporch.db /src/main.ts /dashboard/assets/ /dashboard/assets/../../package.json /dashboard/api
  /widget/ /widget/chat-widget.js.map /widget/../src/main.ts /favicon.ico /robots.txt /ws
  /graphql /actuator /metrics/prometheus /__proto__ /constructor
`
  .trim()
  .split(/\s+/);

describe("API9:2023 Improper Inventory Management", () => {
  let app: TestApp;
  beforeAll(() => {
    app = createTestApp({ model: createObservedModel().part });
  });
  afterAll(() => app.close());

  test("an app with every setting has only the documented routes and the dashboard's pages", async () => {
    const { paths } = (await (await app.fetch("/v1/openapi.json")).json()) as { paths: object };
    const documented = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item as object).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      ),
    );
    const routes = app.app.routes
      .filter(({ method }) => method !== "OPTIONS")
      // The script that is documented under another address; this one changes with every build.
      .filter(({ path }) => path !== widgetFiles.whole.path)
      .map(({ method, path }) => `${method} ${path}`);
    const undocumented = routes.filter((route) => !documented.includes(route));
    expect(undocumented.filter((route) => !/ \/dashboard(?:\/|$)/.test(route))).toEqual([]);
    expect(documented.filter((route) => !routes.includes(route))).toEqual([]);
  });

  test.each(LEFT_BEHIND)("%s does not exist, whatever key is sent", async (path) => {
    const keys = {
      "x-api-key": WIDGET_KEY,
      "x-admin-api-key": ADMIN_KEY,
      "x-metrics-key": METRICS_KEY,
    };
    for (const method of ["GET", "POST"]) {
      const response = await app.fetch(path, { method, headers: keys });
      expect(response.status).toBe(404);
      // A page of the dashboard names its own assets; programs get JSON.
      const isForPrograms = response.headers.get("content-type") === "application/json";
      if (isForPrograms) expect(await response.text()).not.toContain(path);
    }
  });

  test("a WebSocket upgrade opens nothing", async () => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const base = app.listen();
    for (const path of ["/v1/chat/stream/t_1", "/dashboard/events", "/v1/admin/conversations"]) {
      expect((await fetch(`${base}${path}`, { headers })).status).toBe(401);
    }
  });

  test("the old address /chat requires everything that /v1/chat/stream requires", async () => {
    const good = { sessionId: "a", message: "Hi" };
    const minted = `s_${"A".repeat(22)}`;
    const requests: RequestInit[] = [
      chatRequest(good, { "x-api-key": "" }),
      chatRequest(good, { "x-api-key": ADMIN_KEY }),
      chatRequest(good, { origin: "https://evil.example" }),
      chatRequest(good, { "content-type": "text/plain" }),
      chatRequest(good, { "content-length": "9999999" }),
      chatRequest(good, { "idempotency-key": "é" }),
      chatRequest({ ...good, role: "system" }),
      chatRequest({ ...good, message: "" }),
      chatRequest({ ...good, sessionId: minted }),
      chatRequest("{"),
      { method: "DELETE" },
      { method: "PUT" },
    ];
    for (const init of requests) {
      const [old, current] = await Promise.all(
        ["/chat", "/v1/chat/stream"].map(async (path) => readAnswer(await app.fetch(path, init))),
      );
      if (!old || !current) throw new Error("There are two answers.");
      expect(old.status).toBeGreaterThanOrEqual(400);
      const withoutId = (body: string) => body.replace(/"requestId":"[^"]+"/, "");
      expect([old.status, withoutId(old.body)]).toEqual([current.status, withoutId(current.body)]);
      const names = ({ headers }: typeof old) => [...headers.keys()].toSorted();
      expect(names(old)).toEqual(names(current));
    }
    const [old, current] = await Promise.all(
      ["/chat", "/v1/chat/stream"].map(async (path) =>
        readAnswer(
          await app.fetch(
            path,
            chatRequest({ ...good, sessionId: path.slice(1, 3) }, { accept: "text/event-stream" }),
          ),
        ),
      ),
    );
    const withoutIds = (text = "") => text.replaceAll(/"[ct]_[\w-]{22}"/g, '""');
    expect(withoutIds(old?.body)).toBe(withoutIds(current?.body));
  });

  test("the OpenAPI document names its version, and no other version is served", async () => {
    const document = await (await app.fetch("/v1/openapi.json")).json();
    expect(document).toMatchObject({ info: { version: expect.stringMatching(/^\d+\.\d+\.\d+/) } });
    expectError(await readAnswer(await app.fetch("/v2/openapi.json")), "not_found");
  });
});
