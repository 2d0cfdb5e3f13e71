import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  answer,
  failure,
  type ModelServer,
  silence,
  startModelServer,
  tokenChunk,
} from "../../harness/model-server.ts";
import { followBody, parseNdjson, parseSse } from "../../harness/streams.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { API_ERRORS } from "../../src/errors.ts";
import { VERSION } from "../../src/runtime/version.ts";
import { askAsOwner, CONVERSATIONS } from "../support/admin-requests.ts";
import { isObject, type Json, problemsOf, resolvePointer } from "../support/json-schema.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  METRICS_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

let server: ModelServer;
let app: TestApp;

beforeEach(() => {
  server = startModelServer(answer("Hello there"));
  app = createTestApp({ modelUrl: server.url });
});

afterEach(async () => {
  await app.close();
  await server.stop();
});

async function readDocument(from: Pick<TestApp, "fetch"> = app, init?: RequestInit): Promise<Json> {
  const response = await from.fetch("/v1/openapi.json", init);
  expect(response.status).toBe(200);
  return response.json() as Promise<Json>;
}

interface Operation {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly detail: Json;
}

function operationsOf(document: Json): Operation[] {
  return entriesOf(document.paths).flatMap(([path, item]) =>
    entriesOf(item).map(([method, detail]) => {
      if (!isObject(detail)) throw new Error(`${method} ${path} is no operation`);
      return { name: `${method.toUpperCase()} ${path}`, path, method, detail };
    }),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** The value that a JSON pointer leads to (RFC 6901). */
function valueAt(value: unknown, pointer: string): unknown {
  const names = pointer.split("/").slice(1);
  return names.reduce<unknown>((part, name) => {
    return isObject(part) ? part[name.replaceAll("~1", "/")] : undefined;
  }, value);
}

/** Every object in the document, with its place. */
function* walk(value: unknown, path = "#"): Generator<readonly [string, Json]> {
  if (Array.isArray(value))
    for (const [i, item] of value.entries()) yield* walk(item, `${path}/${i}`);
  if (!isObject(value)) return;
  yield [path, value];
  for (const [name, part] of Object.entries(value)) yield* walk(part, `${path}/${name}`);
}

function keySchemesOf(path: string): string[] {
  if (path === "/metrics") return ["metricsKey"];
  return path.startsWith("/v1/admin") ? ["adminKey"] : ["widgetKey", "widgetKeyAlternative"];
}

describe("the OpenAPI document", () => {
  test("is OpenAPI 3.1 with everything that it must have", async () => {
    const document = await readDocument();
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: "chatporch", version: VERSION });
    expect(Object.keys(document).sort()).toEqual(
      ["components", "info", "openapi", "paths", "servers", "tags"].sort(),
    );
  });

  test("is JSON and needs no key", async () => {
    const response = await app.fetch("/v1/openapi.json");
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("has every route of the app and no others", async () => {
    const routes = app.app.routes
      .filter(({ method, path }) => method !== "OPTIONS" && !path.startsWith("/dashboard"))
      // This address belongs to one version of the widget; the next version has another.
      .filter(({ path }) => path !== widgetFiles.whole.path)
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    const operations = operationsOf(await readDocument());
    expect(operations.map(({ name }) => name).sort()).toEqual(routes.sort());
    expect(routes.length).toBeGreaterThanOrEqual(15);
  });

  test("says what every operation does and answers", async () => {
    const document = await readDocument();
    const tags = (document.tags as Json[]).map(({ name }) => name);
    for (const { name, detail } of operationsOf(document)) {
      expect([name, typeof detail.summary]).toEqual([name, "string"]);
      expect(detail.tags).toHaveLength(1);
      expect(tags).toContain((detail.tags as string[])[0]);
      const statuses = entriesOf(detail.responses).map(([status]) => status);
      expect([name, statuses.some((status) => status.startsWith("2"))]).toEqual([name, true]);
      expect(statuses).toContain("500");
    }
  });

  test("describes every error status with the shape of our errors", async () => {
    for (const { name, detail } of operationsOf(await readDocument())) {
      for (const [status, response] of entriesOf(detail.responses)) {
        expect(response).toHaveProperty("description");
        if (Number(status) < 400) continue;
        const content = isObject(response) ? response.content : undefined;
        expect([name, status, content]).toEqual([
          name,
          status,
          { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        ]);
      }
    }
  });

  test("asks for a key exactly where the server does", async () => {
    const document = await readDocument();
    for (const { name, path, method, detail } of operationsOf(document)) {
      const address = path.replaceAll(/\{\w+\}/g, "unknown");
      const response = await app.fetch(address, { method: method.toUpperCase() });
      const isOpen = response.status !== 401;
      const schemes = (detail.security as Json[]).flatMap((scheme) => Object.keys(scheme));
      expect([name, schemes.length === 0]).toEqual([name, isOpen]);
      if (isOpen) continue;
      expect(schemes).toEqual([...keySchemesOf(path), "bearer"]);
      expect(entriesOf(detail.responses).map(([status]) => status)).toContain("401");
    }
  });

  test("declares the headers that carry the keys, and each of them opens its routes", async () => {
    const document = await readDocument();
    const schemes = isObject(document.components) ? document.components.securitySchemes : undefined;
    expect(schemes).toMatchObject({
      widgetKey: { type: "apiKey", in: "header", name: "x-api-key" },
      widgetKeyAlternative: { type: "apiKey", in: "header", name: "x-widget-api-key" },
      adminKey: { type: "apiKey", in: "header", name: "x-admin-api-key" },
      metricsKey: { type: "apiKey", in: "header", name: "x-metrics-key" },
      bearer: { type: "http", scheme: "bearer" },
    });
    const statusOf = async (path: string, headers: Record<string, string>) =>
      (await app.fetch(path, { headers })).status;
    const turn = "/v1/chat/stream/unknown";
    expect(await statusOf(turn, { "x-api-key": WIDGET_KEY })).toBe(404);
    expect(await statusOf(turn, { "x-widget-api-key": WIDGET_KEY })).toBe(404);
    expect(await statusOf(turn, { authorization: `Bearer ${WIDGET_KEY}` })).toBe(404);
    expect(await statusOf("/metrics", { "x-metrics-key": METRICS_KEY })).toBe(200);
    expect(await statusOf("/metrics", { authorization: `Bearer ${METRICS_KEY}` })).toBe(200);
    expect(await statusOf(CONVERSATIONS, { "x-admin-api-key": ADMIN_KEY })).toBe(200);
    expect(await statusOf(CONVERSATIONS, { authorization: `Bearer ${ADMIN_KEY}` })).toBe(200);
  });

  test("has no broken references", async () => {
    const document = await readDocument();
    let references = 0;
    for (const [path, { $ref }] of walk(document)) {
      if ($ref === undefined) continue;
      references += 1;
      expect([path, isObject(resolvePointer(document, String($ref)))]).toEqual([path, true]);
    }
    expect(references).toBeGreaterThan(10);
  });

  test("declares every variable part of a path as a parameter", async () => {
    for (const { name, path, detail } of operationsOf(await readDocument())) {
      const parts = Array.from(path.matchAll(/\{(\w+)\}/g), ([, part]) => part);
      const parameters = ((detail.parameters ?? []) as Json[]).filter((p) => p.in === "path");
      expect([name, ...parameters.map((parameter) => parameter.name)]).toEqual([name, ...parts]);
      for (const parameter of parameters) expect(parameter.required).toBe(true);
    }
  });

  test("lists every public error code and no others", async () => {
    const document = await readDocument();
    const error = resolvePointer(document, "#/components/schemas/Error");
    expect(error).toMatchObject({
      required: ["error", "code", "requestId"],
      properties: { code: { $ref: "#/components/schemas/ErrorCode" } },
    });
    const codes = resolvePointer(document, "#/components/schemas/ErrorCode");
    expect(codes).toMatchObject({ enum: Object.keys(API_ERRORS) });
  });

  test("lists every error code at an operation, except wrong methods, which no operation has", async () => {
    const text = JSON.stringify(operationsOf(await readDocument()));
    const missing = Object.keys(API_ERRORS).filter((code) => !text.includes(`\`${code}\``));
    expect(missing).toEqual(["method_not_allowed"]);
  });

  test("has 408 and 413 for every operation whose body is read, and 408 for no others", async () => {
    for (const { name, method, detail } of operationsOf(await readDocument())) {
      const statuses = entriesOf(detail.responses).map(([status]) => status);
      const hasBody = method !== "get";
      expect([name, statuses.includes("408")]).toEqual([name, hasBody]);
      if (hasBody) expect(statuses).toContain("413");
    }
  });

  test("names every object, every choice and every list of texts", async () => {
    const document = await readDocument();
    const nameless = Array.from(walk(document.paths, "#/paths"))
      .filter(([path, { type, anyOf, oneOf, enum: options }]) => {
        const isOfParameter = /\/parameters\/\d+\/schema$/.test(path);
        return type === "object" || anyOf || oneOf || (options && !isOfParameter);
      })
      .map(([path]) => path);
    expect(nameless).toEqual([]);
    for (const [path, { type, enum: options }] of walk(document.components, "#/components")) {
      const isNamed = /^#\/components\/schemas\/\w+$/.test(path);
      const needsName = type === "object" || options !== undefined;
      if (needsName && !isNamed) throw new Error(`${path} has no name`);
    }
  });

  test("has a stable and unique name for every operation", async () => {
    const operations = operationsOf(await readDocument());
    const names = operations.map(({ detail }) => String(detail.operationId));
    expect(names.sort()).toEqual([
      "addAnswer",
      "addKnowledgeNote",
      "addKnowledgeSource",
      "ask",
      "askForPerson",
      "askForStream",
      "askForStreamAsOpenChatWidget",
      "changeAnswer",
      "changeKnowledgeNote",
      "closeRequest",
      "dismissUnanswered",
      "eraseConversation",
      "eraseHistory",
      "exportConversation",
      "exportMessages",
      "getChatElement",
      "getChatElementTypes",
      "getConversation",
      "getDemoPage",
      "getDiagnosticStream",
      "getHealth",
      "getHistory",
      "getMetrics",
      "getOpenApi",
      "getReadiness",
      "getSeenRequest",
      "getSpending",
      "getWidget",
      "getWidgetPanel",
      "getWidgetSettings",
      "giveBack",
      "listAnswers",
      "listConversations",
      "listKnowledgeDocuments",
      "listKnowledgeSources",
      "listReplicas",
      "listRequests",
      "listUnanswered",
      "mintSession",
      "pushKnowledgeDocument",
      "rateTurn",
      "readPersonEvents",
      "refreshKnowledgeSource",
      "removeAnswer",
      "removeKnowledgeDocument",
      "removeKnowledgeSource",
      "resumeTurn",
      "searchKnowledge",
      "showTyping",
      "stopTurn",
      "switchKnowledgeDocument",
      "takeOver",
      "writeMessage",
    ]);
  });

  test("contains nothing that changes with the widget's version", async () => {
    expect(JSON.stringify(await readDocument())).not.toContain(widgetFiles.whole.hash);
  });

  test("describes the export as text for CSV, and line by line for NDJSON", async () => {
    const document = await readDocument();
    const found = operationsOf(document).find(
      ({ detail }) => detail.operationId === "exportMessages",
    );
    const schemaOf = (mediaType: string) => {
      const path = `/responses/200/content/${mediaType.replace("/", "~1")}/schema`;
      const { $ref } = valueAt(found?.detail, path) as { $ref: string };
      return resolvePointer(document, $ref);
    };
    expect(schemaOf("text/csv")).toMatchObject({ type: "string" });
    expect(schemaOf("application/x-ndjson")).toMatchObject({ type: "object" });
  });

  test("lists the codes that a stream can end with", async () => {
    const document = await readDocument();
    const event = resolvePointer(document, "#/components/schemas/ErrorEvent");
    expect(event).toMatchObject({
      properties: { code: { $ref: "#/components/schemas/TurnErrorCode" } },
    });
    expect(resolvePointer(document, "#/components/schemas/TurnErrorCode")).toMatchObject({
      enum: [
        "model_error",
        "model_busy",
        "model_timeout",
        "interrupted",
        "draining",
        "model_off",
        "internal_error",
      ],
    });
  });

  test("describes the headers that a client can use", async () => {
    const operations = operationsOf(await readDocument());
    const headersOf = (operationId: string, status: number) => {
      const found = operations.find(({ detail }) => detail.operationId === operationId);
      const headers = valueAt(found?.detail, `/responses/${status}/headers`);
      return entriesOf(headers).map(([name]) => name);
    };
    expect(headersOf("getHealth", 200)).toEqual(["X-Request-Id"]);
    expect(headersOf("ask", 200)).toEqual([
      "X-Request-Id",
      "RateLimit",
      "RateLimit-Policy",
      "X-Session-Token",
    ]);
    expect(headersOf("ask", 429)).toContain("Retry-After");
    expect(headersOf("ask", 503)).toContain("Retry-After");
    expect(headersOf("ask", 400)).not.toContain("Retry-After");
    expect(headersOf("getWidget", 304)).toContain("ETag");
    expect(headersOf("exportMessages", 200)).toContain("Content-Disposition");
  });

  test("gives the limits of a message in code points, as the server counts them", async () => {
    const document = await readDocument();
    const ask = operationsOf(document).find(({ name }) => name === "POST /v1/chat");
    const body = isObject(ask?.detail.requestBody) ? ask.detail.requestBody.content : undefined;
    const { schema } = (body as Record<string, Json>)["application/json"] ?? {};
    const fits = (message: string) =>
      problemsOf({ sessionId: "a", message }, schema, document).length === 0;
    expect(fits("a")).toBe(true);
    expect(fits("👋".repeat(4000))).toBe(true);
    expect(fits("👋".repeat(4001))).toBe(false);
    expect(fits(" \n\t")).toBe(false);
    expect(fits("")).toBe(false);
  });

  test("requires no body where the server needs none", async () => {
    const operations = operationsOf(await readDocument());
    for (const wanted of ["POST /v1/sessions", "POST /v1/chat/stream/{turnId}/stop"]) {
      const operation = operations.find(({ name }) => name === wanted);
      const { requestBody } = operation?.detail ?? {};
      const isRequired = isObject(requestBody) && requestBody.required === true;
      expect([wanted, isRequired]).toEqual([wanted, false]);
    }
    const response = await app.fetch("/v1/sessions", { method: "POST", headers: KEY });
    expect(response.status).toBe(200);
  });

  test("contains none of the server's secrets", async () => {
    const text = JSON.stringify(await readDocument());
    for (const secret of [WIDGET_KEY, ADMIN_KEY, METRICS_KEY, "sk-upstream"])
      expect(text).not.toContain(secret);
  });
});

const KEY = { "x-api-key": WIDGET_KEY };

describe("the document's servers", () => {
  const HOSTILE = { headers: { host: "evil.example", "x-forwarded-host": "evil.example" } };

  async function serversOf(env: Record<string, string>): Promise<unknown> {
    const other = createTestApp({ env });
    try {
      const document = await readDocument(other, HOSTILE);
      expect(JSON.stringify(document)).not.toContain("evil.example");
      return document.servers;
    } finally {
      await other.close();
    }
  }

  test.each([
    ["PUBLIC_URL", { PUBLIC_URL: "https://chat.example.com" }, "https://chat.example.com"],
    [
      "PUBLIC_URL, without its slash, before the port",
      { PUBLIC_URL: "https://chat.example.com/", PORT: "5000" },
      "https://chat.example.com",
    ],
    [
      "PUBLIC_URL, with its path",
      { PUBLIC_URL: "https://example.com/chat" },
      "https://example.com/chat",
    ],
  ])("come from %s, whatever Host a request sends", async (_, env, url) => {
    expect(await serversOf(env)).toEqual([{ url }]);
  });

  test.each([
    ["HOST and PORT", { HOST: "10.1.2.3", PORT: "5000" }],
    ["all addresses", { HOST: "0.0.0.0" }],
    ["an IPv6 address", { HOST: "fd00::7", PORT: "5000" }],
  ])(
    "without PUBLIC_URL are relative to the document's address, and show nothing of %s",
    async (_, env) => {
      expect(await serversOf(env)).toEqual([{ url: "/" }]);
    },
  );

  test("do not stay those of the first request, although the document is kept", async () => {
    await readDocument(app, HOSTILE);
    expect(JSON.stringify(await readDocument())).not.toContain("evil.example");
  });
});

describe("real answers are as documented:", () => {
  /** Checks the status, the media type and the body against the operation. Resolves with the body. */
  async function expectDocumented(response: Response, operation: string): Promise<string> {
    const text = await response.text();
    const document = await readDocument();
    const found = operationsOf(document).find(({ name }) => name === operation);
    const responses = found?.detail.responses;
    const documented = isObject(responses) ? responses[response.status] : undefined;
    if (!isObject(documented)) throw new Error(`${operation} has no ${response.status}: ${text}`);
    if (documented.content === undefined) {
      expect(text).toBe("");
      return text;
    }
    const mediaType = response.headers.get("content-type")?.split(";")[0] ?? "";
    const media = isObject(documented.content) ? documented.content[mediaType] : undefined;
    if (!isObject(media)) throw new Error(`${operation} ${response.status} has no ${mediaType}`);
    for (const value of valuesOf(text, mediaType)) {
      expect(problemsOf(value, media.schema, document)).toEqual([]);
    }
    return text;
  }

  function valuesOf(text: string, mediaType: string): unknown[] {
    switch (mediaType) {
      case "application/json":
        return [JSON.parse(text)];
      case "application/x-ndjson":
        return parseNdjson(text);
      case "text/event-stream":
        return parseSse(text).map(({ data }) => data);
      default:
        throw new Error(`Not a media type of ours: ${mediaType}`);
    }
  }

  const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.fetch(path, chatRequest(body, headers));

  test("an answer as a whole and as a stream in both formats", async () => {
    const body = { sessionId: "a", message: "Hi?" };
    await expectDocumented(await ask("/v1/chat", body), "POST /v1/chat");
    await expectDocumented(await ask("/v1/chat/stream", body), "POST /v1/chat/stream");
    const ndjson = { accept: "application/x-ndjson" };
    await expectDocumented(await ask("/v1/chat/stream", body, ndjson), "POST /v1/chat/stream");
    await expectDocumented(await ask("/chat", body), "POST /chat");
    const sse = { accept: "text/event-stream" };
    await expectDocumented(await ask("/chat", body, sse), "POST /chat");
  });

  test("an answer without usage", async () => {
    server.script = (call) => {
      call.raw(`${tokenChunk("Hi")}data: [DONE]\n\n`);
      call.end();
    };
    const body = { sessionId: "a", message: "Hi?" };
    await expectDocumented(await ask("/v1/chat/stream", body), "POST /v1/chat/stream");
  });

  test("a resumed stream, and a stream with nothing to resume", async () => {
    const response = await ask("/v1/chat/stream", { sessionId: "a", message: "Hi?" });
    const events = parseSse(await response.text());
    const start = events[0]?.data;
    const path = `/v1/chat/stream/${start?.type === "start" ? start.turnId : ""}`;
    const resume = (after: string) => app.fetch(`${path}?after=${after}`, { headers: KEY });
    const operation = "GET /v1/chat/stream/{turnId}";
    await expectDocumented(await resume("1"), operation);
    await expectDocumented(await resume(String(events.length)), operation);
    await expectDocumented(await resume("99"), operation);
    await expectDocumented(await resume("x"), operation);
    const unknown = await app.fetch("/v1/chat/stream/unknown", { headers: KEY });
    await expectDocumented(unknown, operation);
  });

  test("a stopped answer", async () => {
    server.script = silence;
    const reader = followBody(await ask("/v1/chat/stream", { sessionId: "a", message: "Hi?" }));
    const [, turnId = ""] = /"turnId":"([^"]+)"/.exec(await reader.until("\n\n")) ?? [];
    const init = { method: "POST", headers: KEY };
    const stopped = await app.fetch(`/v1/chat/stream/${turnId}/stop`, init);
    expect(stopped.status).toBe(200);
    await expectDocumented(stopped, "POST /v1/chat/stream/{turnId}/stop");
    await reader.end();
  });

  test.each([
    [400, "model_error", 502],
    [429, "model_busy", 503],
  ])("a question that the model answers with %i is a %s", async (upstream, code, status) => {
    server.script = () => failure(upstream, { "x-should-retry": "false" });
    const asked = await ask("/v1/chat", { sessionId: "a", message: "Hi?" });
    expect(asked.status).toBe(status);
    expect(await expectDocumented(asked, "POST /v1/chat")).toContain(code);

    const streamed = await ask("/v1/chat/stream", { sessionId: "b", message: "Hi?" });
    const text = await expectDocumented(streamed, "POST /v1/chat/stream");
    const [, turnId] = /"turnId":"([^"]+)"/.exec(text) ?? [];
    const init = { method: "POST", headers: KEY };
    const stopped = await app.fetch(`/v1/chat/stream/${turnId}/stop`, init);
    expect(stopped.status).toBe(200);
    await expectDocumented(stopped, "POST /v1/chat/stream/{turnId}/stop");
  });

  test("the errors of a visitor's client", async () => {
    const operation = "POST /v1/chat";
    const good = { sessionId: "a", message: "Hi?" };
    await expectDocumented(await ask("/v1/chat", {}), operation);
    await expectDocumented(await ask("/v1/chat", "{"), operation);
    await expectDocumented(await ask("/v1/chat", good, { "x-api-key": "wrong" }), operation);
    await expectDocumented(
      await ask("/v1/chat", good, { origin: "https://evil.example" }),
      operation,
    );
    await expectDocumented(
      await ask("/v1/chat", good, { "content-type": "text/plain" }),
      operation,
    );
    const key = { "idempotency-key": "once" };
    await expectDocumented(await ask("/v1/chat", good, key), operation);
    const other = { sessionId: "a", message: "Something else?" };
    const conflict = await ask("/v1/chat", other, key);
    expect(conflict.status).toBe(422);
    await expectDocumented(conflict, operation);
    const large = await ask("/v1/chat", "x".repeat(2 * 1024 * 1024 + 1));
    expect(large.status).toBe(413);
    await expectDocumented(large, operation);
  });

  test("a question that needs a proof of work", async () => {
    const other = createTestApp({
      env: { PROOF_OF_WORK: "on", RATE_LIMIT_MAX_REQUESTS: "1" },
    });
    const refused = await other.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi" }));
    await other.close();
    const body = JSON.parse(await expectDocumented(refused, "POST /v1/chat"));
    expect(body.challenge).toBeObject();
  });

  test("a session with its history", async () => {
    const minted = await app.fetch("/v1/sessions", { method: "POST", headers: KEY });
    const session = JSON.parse(await expectDocumented(minted, "POST /v1/sessions"));
    const headers = { "x-session-token": session.sessionToken };
    const path = `/v1/chat/history?sessionId=${session.sessionId}`;
    const init = { headers: { ...KEY, ...headers } };
    await expectDocumented(await app.fetch(path, init), "GET /v1/chat/history");
    await (await ask("/v1/chat", { sessionId: session.sessionId, message: "Hi?" }, headers)).text();
    const history = await app.fetch(path, init);
    expect(history.status).toBe(200);
    expect(await expectDocumented(history, "GET /v1/chat/history")).toContain("Hello there");
    const stolen = await app.fetch(path, { headers: KEY });
    expect(stolen.status).toBe(401);
    await expectDocumented(stolen, "GET /v1/chat/history");
    const erased = await app.fetch(path, { ...init, method: "DELETE" });
    expect(erased.status).toBe(204);
    await expectDocumented(erased, "DELETE /v1/chat/history");
  });

  test("everything that the owner reads and erases", async () => {
    await (await ask("/v1/chat", { sessionId: "a", message: "Hi?" })).text();
    server.script = () => failure(400);
    await (await ask("/v1/chat", { sessionId: "a", message: "And now?" })).text();

    const list = await expectDocumented(await askAsOwner(app), `GET ${CONVERSATIONS}`);
    const { id } = JSON.parse(list).conversations[0];
    const operation = `${CONVERSATIONS}/{id}`;
    const thread = await expectDocumented(await askAsOwner(app, `/${id}`), `GET ${operation}`);
    expect(JSON.parse(thread).messages).toHaveLength(4);
    const exported = await askAsOwner(app, "/export");
    await expectDocumented(exported, `GET ${CONVERSATIONS}/export`);
    await expectDocumented(await askAsOwner(app, "?limit=0"), `GET ${CONVERSATIONS}`);
    const erase = { method: "DELETE", headers: { "x-admin-api-key": ADMIN_KEY } };
    await expectDocumented(await askAsOwner(app, `/${id}`, erase), `DELETE ${operation}`);
    await expectDocumented(await askAsOwner(app, `/${id}`, erase), `DELETE ${operation}`);
    await expectDocumented(await askAsOwner(app, `/${id}`), `GET ${operation}`);
  });

  test("the errors for an invalid body where none is needed, and for an id that is not valid text", async () => {
    const init = { headers: { ...KEY, "content-type": "text/plain" }, body: "Hi?" };
    for (const [method, path, operation] of [
      ["POST", "/v1/sessions", "/v1/sessions"],
      ["POST", "/v1/chat/stream/t_1/stop", "/v1/chat/stream/{turnId}/stop"],
      ["DELETE", "/v1/chat/history?sessionId=a", "/v1/chat/history"],
    ] as const) {
      const refused = await app.fetch(path, { ...init, method });
      expect(refused.status).toBe(415);
      await expectDocumented(refused, `${method} ${operation}`);
    }
    for (const method of ["GET", "DELETE"]) {
      const asked = { method, headers: { "x-admin-api-key": ADMIN_KEY } };
      const refused = await askAsOwner(app, "/%ff", asked);
      expect(refused.status).toBe(400);
      await expectDocumented(refused, `${method} ${CONVERSATIONS}/{id}`);
    }
  });

  test("the owner's API when it is switched off, and the routes that need no key", async () => {
    const other = createTestApp({ env: { ADMIN_API_KEY: undefined } });
    const disabled = await other.fetch(CONVERSATIONS);
    expect(disabled.status).toBe(503);
    await expectDocumented(disabled, `GET ${CONVERSATIONS}`);
    await expectDocumented(await other.fetch("/health"), "GET /health");
    await expectDocumented(await other.fetch("/ready"), "GET /ready");
    await other.chat.drain(0);
    const draining = await other.fetch("/ready");
    expect(draining.status).toBe(503);
    await expectDocumented(draining, "GET /ready");
    await other.close();
  });

  test("the error for a question for which there is no room", async () => {
    const other = createTestApp({ loop: { isBehind: true } });
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
      const refused = await other.fetch(path, chatRequest({ sessionId: "a", message: "Hi?" }));
      expect(refused.status).toBe(503);
      expect(await expectDocumented(refused, `POST ${path}`)).toContain("overloaded");
    }
    await other.close();
  });
});
