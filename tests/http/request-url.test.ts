import { afterEach, describe, expect, test } from "bun:test";

import { parseNdjson } from "../../harness/streams.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { ICON_ASSET, SCRIPT_ASSET, STYLE_ASSET } from "../../src/dashboard/assets.ts";
import { readAnswer } from "../support/answers.ts";
import { form, formTokenIn } from "../support/dashboard-requests.ts";
import { openRaw } from "../support/raw-http.ts";
import {
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  DASHBOARD_PASSWORD,
  type TestApp,
} from "../support/test-app.ts";

let app: TestApp;
afterEach(() => app.close());

function start(env: Record<string, string> = {}): void {
  app = createTestApp({ env: { PUBLIC_URL: "https://example.com/help/chat", ...env } });
}

const QUESTION = { sessionId: "visitor-1", message: "Hello" };

/** Requests as they come from a proxy that removes the path, and from one that passes it on. */
const PROXIES = [
  ["takes the path off", ""],
  ["passes the path on", "/help/chat"],
] as const;

describe.each(PROXIES)("under PUBLIC_URL with a path, behind a proxy that %s", (_, passed) => {
  test.each([
    ["GET", "/health", 200],
    ["HEAD", "/health", 200],
    ["OPTIONS", "/health", 204],
    ["GET", "/ready", 200],
    ["GET", "/health/?x=1", 200],
    ["GET", "/v1/openapi.json", 200],
    ["GET", widgetFiles.loader.path, 200],
    ["GET", widgetFiles.whole.path, 200],
    ["GET", "/dashboard/login", 200],
    ["GET", "/dashboard/", 401],
    ["GET", "/v1/admin/conversations", 401],
    ["DELETE", "/health", 405],
    ["GET", "/", 404],
    ["GET", "/nothing", 404],
  ])("%s %s answers %i", async (method, path, status) => {
    start();
    expect((await app.fetch(passed + path, { method })).status).toBe(status);
  });

  test.each([
    [widgetFiles.loader.path, "text/javascript"],
    [STYLE_ASSET.path, "text/css"],
    [SCRIPT_ASSET.path, "text/javascript"],
    [ICON_ASSET.path, "image/svg+xml"],
    ["/dashboard/login", "text/html"],
  ])("GET, HEAD and OPTIONS of %s answer as without a path", async (path, mediaType) => {
    start();
    const [got, head, preflight] = await Promise.all(
      ["GET", "HEAD", "OPTIONS"].map((method) => app.fetch(passed + path, { method })),
    );
    expect([got?.status, head?.status, preflight?.status]).toEqual([200, 200, 204]);
    for (const response of [got, head]) {
      expect(response?.headers.get("content-type")).toStartWith(mediaType);
    }
    expect((await got?.text())?.length).toBeGreaterThan(100);
    expect(await head?.text()).toBe("");
  });

  test("questions are answered at every address of the stream", async () => {
    start();
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
      const response = await app.fetch(passed + path, chatRequest(QUESTION));
      expect(response.status).toBe(200);
      await response.text();
    }
  });

  test("login, pages, forms and logout lead to addresses under the path", async () => {
    start();
    const ask = (path: string, init: RequestInit = {}) =>
      app.fetch(passed + path, { redirect: "manual", ...init });
    const refused = await readAnswer(await ask("/dashboard/conversations"));
    expect(refused.status).toBe(401);
    expectAddressesUnder("/help/chat", refused.body);
    const next = /name="next" value="([^"]+)"/.exec(refused.body)?.[1] ?? "";

    const origin = { origin: "https://example.com", "sec-fetch-site": "same-origin" };
    const entered = await ask(
      "/dashboard/login",
      form({ password: DASHBOARD_PASSWORD, next }, origin),
    );
    expect(entered.status).toBe(303);
    expect(entered.headers.get("location")).toBe("/help/chat/dashboard/conversations");
    const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";

    const asked = await ask("/v1/chat", chatRequest(QUESTION));
    const { conversationId } = (await asked.json()) as { conversationId: string };
    const thread = `/dashboard/conversations/${conversationId}`;
    let formToken = "";
    for (const path of ["/dashboard", "/dashboard/conversations", thread, "/dashboard/setup"]) {
      const page = await readAnswer(await ask(path, { headers: { cookie } }));
      expect(page.status).toBe(200);
      expectAddressesUnder("/help/chat", page.body);
      formToken = formTokenIn(page.body);
    }

    const deleted = await ask(`${thread}/delete`, form({ formToken }, { cookie, ...origin }));
    expect(deleted.status).toBe(303);
    expect(deleted.headers.get("location")).toBe(
      `/help/chat/dashboard/conversations?done=deleted&id=${conversationId}`,
    );
    const gone = await readAnswer(await ask(thread, { headers: { cookie } }));
    expect(gone.status).toBe(404);
    expectAddressesUnder("/help/chat", gone.body);
    const left = await ask("/dashboard/logout", form({ formToken }, { cookie, ...origin }));
    expect(left.headers.get("location")).toBe("/help/chat/dashboard/login");
  });

  test("a path is rate limited as the route it leads to", async () => {
    start({ RATE_LIMIT_MAX_REQUESTS: "2" });
    const policy = async (path: string) =>
      (await app.fetch(passed + path)).headers.get("ratelimit-policy")?.split(";")[0];
    expect(await policy("/v1/admin/conversations")).toBe('"admin"');
    expect(await policy("/dashboard")).toBe('"admin"');
    expect(await policy("/nothing")).toBe('"chat"');
    expect((await app.fetch("/v1/admin/conversations")).status).toBe(429);
    expect((await app.fetch("/help/chat/dashboard")).status).toBe(429);
  });

  test("the log and the metrics name a request without the path", async () => {
    start();
    await app.fetch(`${passed}/v1/admin/conversations`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(app.lines.join("\n")).toContain('"path":"/v1/admin/conversations"');
  });

  test("CORS_ORIGIN opens nothing of the dashboard to a website", async () => {
    start();
    const headers = { origin: ALLOWED_ORIGIN };
    expect((await app.fetch(`${passed}/dashboard`, { headers })).status).toBe(403);
    expect((await app.fetch(`${passed}/health`, { headers })).status).toBe(200);
  });
});

describe("a path of PUBLIC_URL is no way around the limit", () => {
  test.each([
    "/help/chat/help/chat/v1/admin/conversations",
    "//help/chat/v1/admin/conversations",
    "/help/chat//v1/admin/conversations",
    "/help//chat/v1/admin/conversations",
    "/help/ch%61t/v1/admin/conversations",
    "/help%2fchat/v1/admin/conversations",
    "/HELP/chat/health",
    "/help/chatter/health",
    "/help/chat%2fhealth",
    "/help/chat;/health",
  ])("%s leads nowhere, and counts", async (path) => {
    start();
    const response = await app.fetch(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("ratelimit-policy")).toStartWith('"chat"');
  });

  test.each([
    ["/help/chat/../chat/v1/admin/conversations", 401],
    ["/help/chat/%2e%2e/chat/v1/admin/conversations", 401],
    ["/help/chat/x/../v1/admin/conversations", 401],
    ["/help/chat/health/../v1/admin/conversations", 401],
    ["/help/chat/../../v1/admin/conversations", 401],
    ["/help/chat/widget/..\\v1/admin/conversations", 401],
  ])("%s counts as the route it leads to", async (path, status) => {
    start();
    const response = await app.fetch(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("ratelimit-policy")).toStartWith('"admin"');
  });
});

describe("under PUBLIC_URL=https://example.com/chat", () => {
  test("POST /chat stays the alias, and so does /chat/chat", async () => {
    start({ PUBLIC_URL: "https://example.com/chat" });
    for (const path of ["/chat", "/chat/", "/chat/chat", "/chat/chat/"]) {
      const response = await app.fetch(path, chatRequest(QUESTION));
      expect(response.headers.get("content-type")).toStartWith("application/x-ndjson");
      expect(parseNdjson(await response.text()).at(-1)).toMatchObject({ type: "done" });
    }
  });

  test.each(["/chat", "/chat/", "/chat?x=1"])("GET %s is the page at the root", async (path) => {
    start({ PUBLIC_URL: "https://example.com/chat", NODE_ENV: "development" });
    const page = await readAnswer(await app.fetch(path));
    expect(page.status).toBe(200);
    expectAddressesUnder("/chat", page.body);
  });

  test("the OpenAPI document and the tags of the setup page name the whole address", async () => {
    start({ PUBLIC_URL: "https://EXAMPLE.com:443/chat/" });
    const { servers } = (await (await app.fetch("/chat/v1/openapi.json")).json()) as {
      servers: unknown;
    };
    expect(servers).toEqual([{ url: "https://example.com/chat" }]);
    const entered = await app.fetch("/dashboard/login", form({ password: DASHBOARD_PASSWORD }));
    const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
    const setup = await (await app.fetch("/dashboard/setup", { headers: { cookie } })).text();
    expect(setup).toContain(`src=&quot;https://example.com/chat${widgetFiles.loader.path}&quot;`);
    expect(setup).toContain(`src="/chat${widgetFiles.element.path}"`);
  });
});

test("without a path in PUBLIC_URL, no prefix leads to the server's routes", async () => {
  start({ PUBLIC_URL: "https://example.com" });
  for (const path of ["/chat/health", "//health", "/example.com/health"]) {
    expect((await app.fetch(path)).status).toBe(404);
  }
});

/** Every address that a browser follows, loads or posts to from the page, without anchors within it. */
function expectAddressesUnder(basePath: string, page: string): void {
  const addresses = [...page.matchAll(/\s(?:href|src|action)="([^"#][^"]*)"/g)].map(
    ([, address = ""]) => address,
  );
  const own = addresses.filter((address) => !address.startsWith("data:"));
  expect(own).not.toBeEmpty();
  expect(own.filter((address) => !address.startsWith(`${basePath}/`))).toEqual([]);
}

describe("over HTTP/1.0 and without a Host, as balancers check", () => {
  /** The answer, once the server has closed the connection, as HTTP/1.0 requires. */
  async function statusOf(requestLine: string, headers = ""): Promise<number> {
    const connection = await openRaw(app.listen());
    connection.write(`${requestLine}\r\n${headers}\r\n`);
    await connection.closed;
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(connection.text())?.[1]);
  }

  test.each([
    ["GET /health", 200],
    ["HEAD /health", 200],
    ["OPTIONS /health", 204],
    ["POST /health", 405],
    ["GET /health?from=balancer", 200],
    ["GET http://elsewhere.example/health", 200],
    ["GET /ready", 200],
    ["HEAD /ready", 200],
    ["OPTIONS /", 204],
    ["GET /", 404],
    ["GET /help/chat/health", 200],
    ["GET /help/chat/ready?x=/v1", 200],
    ["GET /help/chat", 404],
  ])("%s answers %i", async (request, status) => {
    start();
    expect(await statusOf(`${request} HTTP/1.0`)).toBe(status);
  });

  test("an empty Host counts as none, and an Origin beside it is still checked", async () => {
    start({ NODE_ENV: "development" });
    expect(await statusOf("GET /health HTTP/1.1", "Host: \r\nConnection: close\r\n")).toBe(200);
    const origin = (text: string) => `Origin: ${text}\r\n`;
    expect(await statusOf("GET /health HTTP/1.0", origin(ALLOWED_ORIGIN))).toBe(200);
    expect(await statusOf("GET /health HTTP/1.0", origin("https://elsewhere.example"))).toBe(403);
    expect(await statusOf("GET /health HTTP/1.0", origin("null"))).toBe(403);
  });

  test.each([
    "/v1/admin/conversations",
    "/help/chat/v1/admin/conversations",
    "/dashboard",
    "/dashboard/login",
    "/v1/openapi.json",
    "/metrics",
    widgetFiles.loader.path,
    "//health",
    "//elsewhere.example/health",
    "/health/",
    "/health/../v1/admin/conversations",
    "/v1/../health",
    "/%68ealth",
    "/help/chat//health",
    "http://elsewhere.example/v1/admin/conversations",
  ])("%s is refused with 400, and is no error of the server", async (path) => {
    start();
    expect(await statusOf(`GET ${path} HTTP/1.0`)).toBe(400);
    expect(app.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
