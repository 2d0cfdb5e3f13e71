import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { failure, startModelServer } from "../harness/model-server.ts";
import { followBody } from "../harness/streams.ts";
import type { Environment } from "../src/config/setting-group.ts";
import type { ChatModel } from "../src/model/model.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import {
  type Answer,
  expectError,
  expectNoLeak,
  readAnswer,
  REQUEST_ID,
  SECURITY_HEADERS,
} from "./support/answers.ts";
import { expectErrorPage, PAGE_HEADERS } from "./support/dashboard-requests.ts";
import {
  type Endpoint,
  ENDPOINTS,
  NOWHERE,
  routesWithoutRow,
  type Sample,
} from "./support/endpoints.ts";
import { createObservedModel, observeWrites } from "./support/observed.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  METRICS_KEY,
  OTHER_ADMIN_KEY,
  OTHER_METRICS_KEY,
  OTHER_WIDGET_KEY,
  type TestApp,
  WIDGET_KEY,
} from "./support/test-app.ts";

const EVERYWHERE = [...ENDPOINTS, ...NOWHERE];
const WRONG_KEY = "wrong-key-for-tests-0123456789abc";
const REFUSED_ORIGIN = "https://evil.example";
const CLIENT_REQUEST_ID = "request-id-chosen-by-the-client";

interface KeyCase {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The guards that this key passes, besides the open ones. */
  readonly opens?: Endpoint["guard"];
}

const KEYS: readonly KeyCase[] = [
  { name: "no key", headers: {} },
  {
    name: "a wrong key",
    headers: { "x-api-key": WRONG_KEY, "x-admin-api-key": WRONG_KEY, "x-metrics-key": WRONG_KEY },
  },
  { name: "a wrong bearer", headers: { authorization: `Bearer ${WRONG_KEY}` } },
  { name: "empty keys", headers: { "x-api-key": "", "x-admin-api-key": "", "x-metrics-key": "" } },
  { name: "the widget key", headers: { "x-api-key": WIDGET_KEY }, opens: "widget" },
  { name: "the second widget key", headers: { "x-api-key": OTHER_WIDGET_KEY }, opens: "widget" },
  { name: "x-widget-api-key", headers: { "x-widget-api-key": WIDGET_KEY }, opens: "widget" },
  { name: "a widget bearer", headers: { authorization: `Bearer ${WIDGET_KEY}` }, opens: "widget" },
  { name: "the widget key for the owner's", headers: { "x-admin-api-key": WIDGET_KEY } },
  { name: "the admin key", headers: { "x-admin-api-key": ADMIN_KEY }, opens: "admin" },
  { name: "the second admin key", headers: { "x-admin-api-key": OTHER_ADMIN_KEY }, opens: "admin" },
  { name: "an admin bearer", headers: { authorization: `bearer ${ADMIN_KEY}` }, opens: "admin" },
  { name: "the admin key for the widget's", headers: { "x-api-key": ADMIN_KEY } },
  { name: "the admin key for the metrics", headers: { "x-metrics-key": ADMIN_KEY } },
  { name: "the metrics key", headers: { "x-metrics-key": METRICS_KEY }, opens: "metrics" },
  {
    name: "the second metrics key",
    headers: { "x-metrics-key": OTHER_METRICS_KEY },
    opens: "metrics",
  },
  {
    name: "a metrics bearer",
    headers: { authorization: `Bearer ${METRICS_KEY}` },
    opens: "metrics",
  },
  {
    name: "the metrics key for all else",
    headers: { "x-api-key": METRICS_KEY, "x-admin-api-key": METRICS_KEY },
  },
];

const ORIGINS = [
  { name: "no origin", origin: undefined, isRefused: false },
  { name: "the allowed origin", origin: ALLOWED_ORIGIN, isRefused: false },
  { name: "a refused origin", origin: REFUSED_ORIGIN, isRefused: true },
];
type OriginCase = (typeof ORIGINS)[number];

/** An app in one environment, with a model and a store that record their use. */
function startObserved(environment: Environment) {
  const model = createObservedModel();
  const store = observeWrites(openSqliteStore(":memory:"));
  const app = createTestApp({
    env: { NODE_ENV: environment, OPENAI_API_KEY: "sk-upstream" },
    config: { limits: { maxLoginAttempts: 10_000 } },
    model: model.part,
    store: store.part,
  });
  return { app, environment, effects: () => [...model.calls, ...store.calls] };
}
type Observed = ReturnType<typeof startObserved>;
type Send = (sample: Sample) => Promise<Response>;

/** Sends the sample with the given key and origin, and checks everything that comes back. */
async function expectContract(
  { app, environment, effects }: Observed,
  row: Endpoint,
  key: KeyCase,
  origin: OriginCase,
  send: Send = ({ path, init }) => app.fetch(path, init),
): Promise<void> {
  const endpoint = { ...row, ...row.in?.[environment] };
  const sample = await endpoint.sample(app);
  const before = effects().length;
  const headers = { ...sample.init.headers, ...key.headers, "x-request-id": CLIENT_REQUEST_ID };
  if (origin.origin) Object.assign(headers, { origin: origin.origin });
  const response = await send({ ...sample, init: { ...sample.init, headers } });
  const answer = await (endpoint.isEndless ? readBeginning(response) : readAnswer(response));

  const isOpen = endpoint.guard === "none" || endpoint.guard === key.opens;
  const keyError = isOpen ? endpoint.error : "unauthorized";
  const error = isRefused(origin, endpoint) ? "origin_not_allowed" : keyError;
  const sent = [WRONG_KEY, REFUSED_ORIGIN, CLIENT_REQUEST_ID];
  if (error) {
    const expectIt = endpoint.isDashboard ? expectErrorPage : expectError;
    expectIt(answer, error, [...sent, ...sample.sent]);
    expect(effects().slice(before)).toEqual([]);
  } else {
    expect(answer.status).toBe(endpoint.status);
    endpoint.check(answer.body);
    expectNoLeak(answer, sent, endpoint.shown);
  }
  expectHeaders(answer, {
    ...alwaysThere(environment),
    ...corsHeaders({ ...origin, isRefused: isRefused(origin, endpoint) }),
    ...(endpoint.isForAll ? { "access-control-allow-origin": "*" } : {}),
    ...rateLimitHeaders(budgetOf(endpoint, isRefused(origin, endpoint))),
    ...(error ? errorHeaders(endpoint) : endpoint.headers),
  });
}

/** Only its own pages may read the dashboard, whatever the list of websites says; all may read what is for all. */
function isRefused({ origin, isRefused: isUnlisted }: OriginCase, endpoint: Endpoint) {
  if (endpoint.isForAll) return false;
  return isUnlisted || (endpoint.isDashboard === true && origin !== undefined);
}

/** Logins have a budget of their own. Only requests from the server's own pages reach it. */
function budgetOf({ budget }: Endpoint, isRefusedThere: boolean): Endpoint["budget"] {
  return budget === "login" && isRefusedThere ? "admin" : budget;
}

function errorHeaders({ isDashboard }: Endpoint): ExpectedHeaders {
  return isDashboard ? PAGE_HEADERS : { "content-type": "application/json" };
}

/** The first bytes of an answer that does not end by itself. */
async function readBeginning({ status, headers, body }: Response): Promise<Answer> {
  const reader = body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return { status, headers, body: new TextDecoder().decode(first?.value) };
}

type ExpectedHeaders = Readonly<Record<string, string | RegExp>>;

function alwaysThere(environment: Environment): ExpectedHeaders {
  const headers = { ...SECURITY_HEADERS, "x-request-id": REQUEST_ID };
  if (environment !== "production") return headers;
  return { ...headers, "strict-transport-security": "max-age=31536000; includeSubDomains" };
}

/** Only Allow-Origin lets a page read an answer. The lists are the same for everybody. */
function corsHeaders({ origin, isRefused }: OriginCase, isPreflight = false): ExpectedHeaders {
  return {
    vary: "Origin",
    "access-control-allow-headers":
      "content-type, authorization, x-api-key, x-widget-api-key, x-admin-api-key, " +
      "x-session-token, idempotency-key, x-proof, last-event-id",
    "access-control-expose-headers":
      "x-request-id, x-session-token, retry-after, ratelimit, ratelimit-policy",
    ...(isRefused ? {} : { "access-control-allow-methods": "GET, POST, PUT, DELETE" }),
    ...(origin && !isRefused ? { "access-control-allow-origin": origin } : {}),
    ...(isPreflight && !isRefused ? { "access-control-max-age": "7200" } : {}),
  };
}

function rateLimitHeaders(budget: Endpoint["budget"]): ExpectedHeaders {
  if (budget === "none") return {};
  return {
    "ratelimit-policy": `"${budget}";q=10000;w=60`,
    ratelimit: new RegExp(`^"${budget}";r=\\d{4};t=\\d{1,2}$`),
  };
}

/** Headers that the connection adds, below the app. */
const TRANSPORT_HEADERS = new Set([
  "date",
  "content-length",
  "transfer-encoding",
  "content-encoding",
]);

/** Expects exactly these headers with these values, and no others. */
function expectHeaders({ headers }: Answer, expected: ExpectedHeaders): void {
  const own = [...headers].filter(([name]) => !TRANSPORT_HEADERS.has(name));
  const values = Object.entries(expected).map(([name, value]) => [
    name,
    typeof value === "string" ? value : expect.stringMatching(value),
  ]);
  expect(Object.fromEntries(own)).toEqual(Object.fromEntries(values));
}

function keyFor({ guard }: Endpoint): KeyCase {
  const key = KEYS.find(({ opens }) => opens === (guard === "none" ? undefined : guard));
  if (!key) throw new Error(`No key opens ${guard}.`);
  return key;
}

function withKey(endpoint: Endpoint, sample: Sample, more: Record<string, string> = {}) {
  const headers = { ...sample.init.headers, ...keyFor(endpoint).headers, ...more };
  return { ...sample.init, headers };
}

describe("every endpoint, key and origin", () => {
  let observed: Observed;
  beforeAll(() => {
    observed = startObserved("test");
  });
  // Sent at once, so many requests that no limit counts would have their connections closed.
  beforeEach(() => observed.app.clock.advance(1000));
  afterAll(() => observed.app.close());

  for (const endpoint of EVERYWHERE) {
    for (const key of KEYS) {
      for (const origin of ORIGINS) {
        test(`${endpoint.method} ${endpoint.route} with ${key.name} and ${origin.name}`, async () => {
          await expectContract(observed, endpoint, key, origin);
        });
      }
    }
  }

  test("no route is without a row in the table", () => {
    expect(routesWithoutRow(observed.app.app.routes)).toEqual([]);
    const planted = [...observed.app.app.routes, { method: "PUT", path: "/v1/backdoor" }];
    expect(routesWithoutRow(planted)).toEqual(["PUT /v1/backdoor"]);
  });

  test("no row is without a route in the app", () => {
    const routes = observed.app.app.routes.map(({ method, path }) => `${method} ${path}`);
    const rows = ENDPOINTS.map(({ method, route }) => `${method} ${route}`);
    expect(rows.filter((row) => !routes.includes(row))).toEqual([]);
  });
});

describe.each(["production", "development"] as const)("in %s", (environment) => {
  let observed: Observed;
  beforeAll(() => {
    observed = startObserved(environment);
  });
  afterAll(() => observed.app.close());

  test.each(EVERYWHERE.map((endpoint) => [`${endpoint.method} ${endpoint.route}`, endpoint]))(
    "%s answers and refuses with the environment's headers",
    async (_name, endpoint) => {
      if (typeof endpoint === "string") throw new Error("Not a row.");
      for (const origin of ORIGINS) {
        await expectContract(observed, endpoint, keyFor(endpoint), origin);
        await expectContract(observed, endpoint, { name: "none", headers: {} }, origin);
      }
    },
  );
});

test("on a socket the answers are the same as in process, and no header names the server", async () => {
  const observed = startObserved("production");
  const base = observed.app.listen();
  const send: Send = ({ path, init }) => fetch(`${base}${path}`, { ...init, redirect: "manual" });
  try {
    for (const endpoint of EVERYWHERE) {
      for (const origin of ORIGINS) {
        await expectContract(observed, endpoint, keyFor(endpoint), origin, send);
        await expectContract(observed, endpoint, { name: "none", headers: {} }, origin, send);
      }
    }
  } finally {
    await observed.app.close();
  }
});

describe("preflights", () => {
  let observed: Observed;
  beforeAll(() => {
    observed = startObserved("production");
  });
  afterAll(() => observed.app.close());

  for (const endpoint of EVERYWHERE) {
    for (const origin of ORIGINS) {
      test(`OPTIONS ${endpoint.route} (${endpoint.method}) with ${origin.name}`, async () => {
        const { path } = await endpoint.sample(observed.app);
        const before = observed.effects().length;
        const headers: Record<string, string> = {
          "access-control-request-method": endpoint.method,
          "access-control-request-headers": "x-api-key, x-sent-by-client",
        };
        if (origin.origin) headers.origin = origin.origin;
        const init = { method: "OPTIONS", headers };
        const answer = await readAnswer(await observed.app.fetch(path, init));
        const isForeign = isRefused(origin, endpoint);
        const expectIt = endpoint.isDashboard ? expectErrorPage : expectError;
        if (isForeign) expectIt(answer, "origin_not_allowed", [REFUSED_ORIGIN]);
        else expect([answer.status, answer.body]).toEqual([204, ""]);
        expectNoLeak(answer, ["x-sent-by-client"]);
        expectHeaders(answer, {
          ...alwaysThere("production"),
          ...corsHeaders({ ...origin, isRefused: isForeign }, true),
          ...(isForeign ? errorHeaders(endpoint) : {}),
        });
        expect(observed.effects().slice(before)).toEqual([]);
      });
    }
  }
});

describe("methods", () => {
  let app: TestApp;
  beforeAll(() => {
    app = startObserved("test").app;
  });
  afterAll(() => app.close());

  const ALLOW: Readonly<Record<string, string>> = {
    "/v1/chat": "POST, OPTIONS",
    "/v1/chat/stream": "POST, OPTIONS",
    "/chat": "POST, OPTIONS",
    "/v1/chat/stream/t_1": "GET, HEAD, OPTIONS",
    "/v1/chat/stream/t_1/stop": "POST, OPTIONS",
    "/v1/sessions": "POST, OPTIONS",
    "/v1/chat/history": "GET, DELETE, HEAD, OPTIONS",
    "/v1/admin/conversations": "GET, HEAD, OPTIONS",
    "/v1/admin/conversations/c_1": "GET, DELETE, HEAD, OPTIONS",
    "/health": "GET, HEAD, OPTIONS",
    "/ready": "GET, HEAD, OPTIONS",
    "/metrics": "GET, HEAD, OPTIONS",
    "/v1/openapi.json": "GET, HEAD, OPTIONS",
  };

  test.each(Object.entries(ALLOW))("%s answers any other method with 405", async (path, allow) => {
    const names = allow.split(", ").toSorted();
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
      if (names.includes(method)) continue;
      const answer = await readAnswer(await app.fetch(path, { method }));
      expect(answer.headers.get("allow")?.split(", ").toSorted()).toEqual(names);
      if (method === "HEAD") expect(answer.status).toBe(405);
      else expectError(answer, "method_not_allowed");
    }
  });

  test.each(
    ENDPOINTS.filter(({ method, error }) => method === "GET" && !error).map((row) => [
      row.route,
      row,
    ]),
  )("HEAD %s is GET without the body", async (_route, row) => {
    if (typeof row === "string") throw new Error("Not a row.");
    const sample = await row.sample(app);
    const origin = row.isDashboard ? undefined : ALLOWED_ORIGIN;
    const init = withKey(row, sample, origin === undefined ? {} : { origin });
    const answer = await readAnswer(await app.fetch(sample.path, { ...init, method: "HEAD" }));
    expect([answer.status, answer.body]).toEqual([200, ""]);
    expectHeaders(answer, {
      ...alwaysThere("test"),
      ...corsHeaders({ name: "", origin, isRefused: false }),
      ...(row.isForAll ? { "access-control-allow-origin": "*" } : {}),
      ...rateLimitHeaders(row.budget),
      ...row.headers,
    });
  });

  test("HEAD of a live stream does not keep an answer alive that nobody reads", async () => {
    const abandoned = Promise.withResolvers<void>();
    async function* untilAborted(signal: AbortSignal) {
      yield { tokens: ["Hello"] };
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      abandoned.resolve();
    }
    const model: ChatModel = {
      ...createObservedModel().part,
      stream: async (_request, signal) => untilAborted(signal),
    };
    const live = createTestApp({ model, config: { turns: { abandonedTurnGraceMs: 20 } } });
    const base = live.listen();
    const asked = chatRequest({ sessionId: "a", message: "Hi" });
    const reader = followBody(await fetch(`${base}/v1/chat/stream`, asked));
    const [, turnId = ""] = /"turnId":"([^"]+)"/.exec(await reader.until("Hello")) ?? [];
    const init = { method: "HEAD", headers: asked.headers };
    expect((await fetch(`${base}/v1/chat/stream/${turnId}`, init)).status).toBe(200);
    await reader.cancel();
    await abandoned.promise;
    await live.close();
  });

  test("HEAD is guarded as GET is", async () => {
    for (const row of ENDPOINTS) {
      if (row.method !== "GET" || row.guard === "none") continue;
      const { path } = await row.sample(app);
      expect((await app.fetch(path, { method: "HEAD" })).status).toBe(401);
    }
  });
});

describe("the id of a request:", () => {
  test("every answer has one of its own, the same in header and body", async () => {
    const app = createTestApp();
    const ids = new Set<string | null>();
    for (let i = 0; i < 200; i++) {
      const init = { headers: { "x-request-id": CLIENT_REQUEST_ID } };
      const answer = await readAnswer(await app.fetch(i % 2 ? "/health" : "/nowhere", init));
      ids.add(answer.headers.get("x-request-id"));
      if (i % 2 === 0) expectError(answer, "not_found", [CLIENT_REQUEST_ID]);
    }
    expect(ids.size).toBe(200);
    await app.close();
  });
});

describe("keys", () => {
  const GUARDED = ENDPOINTS.filter(({ guard }) => guard !== "none");

  test("a missing key and a wrong key get the same answer", async () => {
    const app = createTestApp({ model: createObservedModel().part });
    for (const row of GUARDED) {
      const { path, init } = await row.sample(app);
      const answers = [];
      for (const sent of ["", WRONG_KEY, WIDGET_KEY.slice(0, -1), `${ADMIN_KEY}x`]) {
        const keys = { "x-api-key": sent, "x-admin-api-key": sent, "x-metrics-key": sent };
        const headers = { ...init.headers, ...keys };
        const answer = await readAnswer(await app.fetch(path, { ...init, headers }));
        expectError(answer, "unauthorized");
        answers.push(answer.body.replace(/"requestId":"[^"]+"/, ""));
      }
      expect(new Set(answers).size).toBe(1);
    }
    await app.close();
  });

  test("without ADMIN_API_KEY the admin API is disabled, whatever the key, and chat works", async () => {
    const app = createTestApp({
      env: { ADMIN_API_KEY: "" },
      model: createObservedModel().part,
    });
    for (const row of GUARDED.filter(({ guard }) => guard === "admin")) {
      const { path, init } = await row.sample(app);
      for (const key of ["", ADMIN_KEY, WIDGET_KEY]) {
        const headers = { ...init.headers, "x-admin-api-key": key, origin: ALLOWED_ORIGIN };
        const answer = await readAnswer(await app.fetch(path, { ...init, headers }));
        expectError(answer, "admin_disabled");
        expect(answer.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
      }
    }
    const asked = chatRequest({ sessionId: "a", message: "Hi" });
    expect((await app.fetch("/v1/chat", asked)).status).toBe(200);
    await app.close();
  });
});

test("the model server's words about an error are not shown to visitors", async () => {
  const server = startModelServer(() => failure(400));
  const app = createTestApp({ modelUrl: server.url });
  const asked = chatRequest({ sessionId: "a", message: "Hi" }, { origin: ALLOWED_ORIGIN });
  const answer = await readAnswer(await app.fetch("/v1/chat", asked));
  expectError(answer, "model_error", ["upstream says no", "sk-secret", server.url]);
  expect(answer.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
  await app.close();
  await server.stop();
});
