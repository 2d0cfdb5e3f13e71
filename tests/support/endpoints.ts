import { expect } from "bun:test";

import { parseNdjson, parseSse } from "../../harness/streams.ts";
import {
  PANEL_ROUTE,
  panelFile,
  type WidgetFile,
  widgetFiles,
} from "../../src/assets/widget-files.ts";
import type { Environment } from "../../src/config/setting-group.ts";
import { ASSETS } from "../../src/dashboard/assets.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { listUnanswered } from "../../src/knowledge/unanswered.ts";
import { randomText } from "../../src/runtime/random-text.ts";
import { filesForm, form, formTokenIn, logIn, PAGE_HEADERS } from "./dashboard-requests.ts";
import { KNOWLEDGE_ENDPOINTS, storedPage } from "./knowledge-endpoints.ts";
import { storedRequest } from "./stored-requests.ts";
import { begin, newTurn, outcome } from "./stored-turns.ts";
import { chatRequest, DASHBOARD_PASSWORD, PEER, type TestApp, WIDGET_KEY } from "./test-app.ts";

/** A request, and its values that no error may repeat. */
export interface Sample {
  readonly path: string;
  readonly init: Omit<RequestInit, "headers"> & { readonly headers: Record<string, string> };
  readonly sent: readonly string[];
}

/** An endpoint of contract section 2: how to request it, and its answer when everything is right. */
export interface Endpoint {
  readonly method: string;
  /** The route as the app declares it. */
  readonly route: string;
  readonly guard: "widget" | "admin" | "metrics" | "none";
  readonly budget: "chat" | "admin" | "login" | "none";
  readonly sample: (app: TestApp) => Promise<Sample>;
  readonly status: number;
  /** Headers of the good answer, besides those that every answer has. */
  readonly headers: Readonly<Record<string, string | RegExp>>;
  /** The endpoint's answer with a right key, when that is an error. */
  readonly error?: ErrorCode | undefined;
  /** True for a page of the dashboard: its errors are pages, and CORS_ORIGIN does not open it. */
  readonly isDashboard?: true;
  /** True when any website may read it. */
  readonly isForAll?: true;
  /** True when the good answer goes on until somebody ends it. */
  readonly isEndless?: true;
  /** Secrets that the good answer shows on purpose. */
  readonly shown?: readonly string[];
  /** Checks the good answer's body. */
  readonly check: (body: string) => void;
  /** Differences in an environment. */
  readonly in?: Partial<Record<Environment, Partial<Endpoint>>>;
}

const JSON_CONTENT = { "content-type": "application/json;charset=utf-8" };
const WIDGET_SETTINGS_HEADERS = {
  ...JSON_CONTENT,
  "cross-origin-resource-policy": "cross-origin",
  vary: "Origin",
};
const STREAM_HEADERS = { "cache-control": "no-store, no-transform", "x-accel-buffering": "no" };
const SSE_CONTENT = { ...STREAM_HEADERS, "content-type": "text/event-stream; charset=utf-8" };
const NDJSON_MEDIA_TYPE = "application/x-ndjson; charset=utf-8";
const SESSION_TOKEN = /^\d{13}\.[A-Za-z0-9_-]{43}$/;

const ID = expect.stringMatching(/^[a-z]_[A-Za-z0-9_-]{22}$/);
const USAGE = { promptTokens: 11, completionTokens: 7, totalTokens: 18 };
const DONE = {
  type: "done",
  message: "Hello there",
  conversationId: ID,
  usage: USAGE,
  finishReason: "stop",
};
const START = { type: "start", conversationId: ID, turnId: ID };
const STREAMED = [
  START,
  { type: "token", token: expect.stringMatching(/^Hello ?$/) },
  { type: "token", token: expect.stringMatching(/^ ?there$/) },
  DONE,
];
const QUESTION = {
  id: expect.any(Number),
  turnId: ID,
  role: "user",
  content: expect.stringMatching(/^question-/),
  status: "complete",
  createdAt: expect.any(Number),
};
const VISITOR_ANSWER = {
  ...QUESTION,
  role: "assistant",
  content: "Hello there",
  finishReason: "stop",
};
const ANSWER = {
  ...VISITOR_ANSWER,
  model: "test-model",
  usage: USAGE,
  firstTokenMs: expect.any(Number),
  durationMs: expect.any(Number),
  cost: expect.any(Number),
};
const CONVERSATION = {
  id: ID,
  sessionId: expect.stringMatching(/^visitor-/),
  createdAt: expect.any(Number),
  updatedAt: expect.any(Number),
  lastMessage: "Hello there",
  messageCount: 2,
};

/** The endpoints for programs. */
const API: readonly Endpoint[] = [
  {
    ...post("/v1/chat"),
    sample: async () => ask("/v1/chat"),
    headers: JSON_CONTENT,
    check: json({
      conversationId: ID,
      message: "Hello there",
      turnId: ID,
      usage: USAGE,
      finishReason: "stop",
    }),
  },
  {
    ...post("/v1/chat/stream"),
    sample: async () => ask("/v1/chat/stream"),
    headers: SSE_CONTENT,
    check: (body) => expect(parseSse(body).map(({ data }): unknown => data)).toEqual(STREAMED),
  },
  {
    ...post("/chat"),
    sample: async () => ask("/chat"),
    headers: { ...STREAM_HEADERS, "content-type": NDJSON_MEDIA_TYPE },
    check: (body) => expect(parseNdjson(body) as unknown[]).toEqual(STREAMED),
  },
  {
    ...get("/v1/chat/stream/:turnId"),
    guard: "widget",
    budget: "chat",
    async sample(app) {
      const { turnId } = await finishedTurn(app);
      return request("GET", `/v1/chat/stream/${turnId}`, [turnId]);
    },
    headers: SSE_CONTENT,
    check(body) {
      const events = parseSse(body).map(({ data }): unknown => data);
      expect(events).toEqual([START, { type: "token", token: "Hello there" }, DONE]);
    },
  },
  {
    ...post("/v1/chat/stream/:turnId/stop"),
    async sample(app) {
      const { turnId } = await finishedTurn(app);
      return request("POST", `/v1/chat/stream/${turnId}/stop`, [turnId]);
    },
    headers: JSON_CONTENT,
    check: json({ turnId: ID, conversationId: ID, message: "Hello there", finishReason: "stop" }),
  },
  {
    method: "PUT",
    route: "/v1/chat/turns/:turnId/rating",
    guard: "widget",
    budget: "chat",
    async sample(app) {
      const { turnId } = await finishedTurn(app);
      const path = `/v1/chat/turns/${turnId}/rating`;
      const comment = `comment-${randomText(9)}`;
      const sample = request("PUT", path, [turnId, comment]);
      const body = JSON.stringify({ rating: "negative", reasons: ["wrong"], comment });
      const headers = { ...sample.init.headers, "content-type": "application/json" };
      return { ...sample, init: { ...sample.init, headers, body } };
    },
    status: 204,
    headers: {},
    check: nothing,
  },
  {
    ...post("/v1/sessions"),
    sample: async () => request("POST", "/v1/sessions"),
    headers: JSON_CONTENT,
    check: json({
      sessionId: ID,
      sessionToken: expect.stringMatching(SESSION_TOKEN),
      expiresAt: expect.any(Number),
    }),
  },
  {
    ...post("/v1/chat/requests"),
    sample: askForPerson,
    // Without a setting, no person is offered.
    error: "person_off",
    headers: {},
    check: nothing,
  },
  {
    ...get("/v1/chat/history"),
    guard: "widget",
    budget: "chat",
    sample: (app) => ownHistory(app, "GET"),
    headers: { ...JSON_CONTENT, "x-session-token": SESSION_TOKEN },
    check: json({
      conversationId: ID,
      messages: [QUESTION, VISITOR_ANSWER],
      activeTurnId: null,
    }),
  },
  {
    method: "DELETE",
    route: "/v1/chat/history",
    guard: "widget",
    budget: "chat",
    sample: (app) => ownHistory(app, "DELETE"),
    status: 204,
    headers: { "x-session-token": SESSION_TOKEN },
    check: nothing,
  },
  {
    ...get("/v1/chat/events"),
    guard: "widget",
    budget: "chat",
    isEndless: true,
    async sample(app) {
      const { path, ...rest } = await ownHistory(app, "GET");
      return { ...rest, path: path.replace("history", "events") };
    },
    headers: { ...SSE_CONTENT, "x-session-token": SESSION_TOKEN },
    check: (body) => expect(body).toMatch(/^:\n\n|^event: person\ndata: \{"isHere":false\}\n\n/),
  },
  {
    ...get("/v1/admin/conversations"),
    guard: "admin",
    budget: "admin",
    async sample(app) {
      const { question } = await finishedTurn(app);
      return request("GET", `/v1/admin/conversations?q=${question}`, [question]);
    },
    headers: JSON_CONTENT,
    check: json({
      conversations: [
        {
          ...CONVERSATION,
          firstQuestion: expect.any(String),
          lastAnswer: "Hello there",
          lastStatus: "complete",
          isUnanswered: false,
          isRatedDown: false,
          isWanted: false,
          found: {
            messageId: expect.any(Number),
            role: "user",
            text: expect.any(String),
            marks: expect.any(Array),
          },
        },
      ],
      total: 1,
      nextCursor: null,
      previousCursor: null,
      searched: { messages: expect.any(Number), complete: true, matches: 1, wordsLeftOut: 0 },
    }),
  },
  {
    ...get("/v1/admin/conversations/export"),
    guard: "admin",
    budget: "admin",
    async sample(app) {
      await finishedTurn(app);
      return request("GET", "/v1/admin/conversations/export");
    },
    headers: {
      "content-type": NDJSON_MEDIA_TYPE,
      "content-disposition": 'attachment; filename="chatporch-messages.ndjson"',
    },
    check(body) {
      const owner = { conversationId: ID, sessionId: expect.any(String) };
      const lines = parseNdjson(body).slice(-2) as unknown[];
      expect(lines).toEqual([
        { ...QUESTION, ...owner },
        { ...ANSWER, ...owner },
      ]);
    },
  },
  {
    ...get("/v1/admin/conversations/:id/export"),
    guard: "admin",
    budget: "admin",
    async sample(app) {
      const { conversationId } = await finishedTurn(app);
      const path = `/v1/admin/conversations/${conversationId}/export?format=markdown`;
      return request("GET", path, [conversationId]);
    },
    headers: {
      "content-type": "text/markdown; charset=utf-8",
      "content-disposition": /^attachment; filename="chatporch-c_.+\.md"$/,
    },
    check: (body) => expect(body).toMatch(/\n\n> Hello there\n\nCost: 0\\\.\d{6}\n$/),
  },
  {
    ...get("/v1/admin/conversations/:id"),
    guard: "admin",
    budget: "admin",
    sample: (app) => oneConversation(app, "GET"),
    headers: JSON_CONTENT,
    check: json({ conversation: CONVERSATION, messages: [QUESTION, ANSWER], requests: [] }),
  },
  {
    method: "DELETE",
    route: "/v1/admin/conversations/:id",
    guard: "admin",
    budget: "admin",
    sample: (app) => oneConversation(app, "DELETE"),
    status: 204,
    headers: {},
    check: nothing,
  },
  takeover("POST", "takeover", { name: "Anna" }),
  takeover("DELETE", "takeover"),
  {
    ...takeover("POST", "messages", { text: "I am here.", name: "Anna" }),
    status: 201,
    headers: JSON_CONTENT,
    check: json({ id: expect.any(Number), at: expect.any(Number) }),
  },
  takeover("POST", "typing"),
  {
    ...get("/v1/admin/requests"),
    guard: "admin",
    budget: "admin",
    async sample(app) {
      await wantedPerson(app);
      return request("GET", "/v1/admin/requests?status=open&limit=200");
    },
    headers: JSON_CONTENT,
    check: json({
      requests: expect.arrayContaining([
        {
          id: ID,
          conversationId: ID,
          turnId: ID,
          contact: { kind: "email", value: "ada@example.com" },
          consent: expect.any(String),
          at: expect.any(Number),
        },
      ]),
      total: expect.any(Number),
      nextCursor: null,
    }),
  },
  {
    ...post("/v1/admin/requests/:id/close"),
    guard: "admin",
    budget: "admin",
    async sample(app) {
      const { id } = await wantedPerson(app);
      return request("POST", `/v1/admin/requests/${id}/close`, [id]);
    },
    status: 204,
    headers: {},
    check: nothing,
  },
  {
    ...get("/v1/admin/unanswered"),
    guard: "admin",
    budget: "admin",
    async sample(app) {
      await askedInVain(app);
      return request("GET", "/v1/admin/unanswered?limit=1");
    },
    headers: JSON_CONTENT,
    check: json({
      questions: [
        {
          key: expect.stringMatching(/^[\w-]{22}$/),
          question: QUESTION.content,
          count: expect.any(Number),
          lastAt: expect.any(Number),
          conversationId: ID,
          turnId: ID,
          reasons: ["unknown"],
          examples: expect.any(Array),
        },
      ],
      total: expect.any(Number),
    }),
  },
  {
    method: "DELETE",
    route: "/v1/admin/unanswered/:key",
    guard: "admin",
    budget: "admin",
    async sample(app) {
      await askedInVain(app);
      const [newest] = await listUnanswered(app.store);
      const key = newest?.key ?? "";
      return request("DELETE", `/v1/admin/unanswered/${key}`, [key]);
    },
    status: 204,
    headers: {},
    check: nothing,
  },
  {
    ...get("/v1/admin/spending"),
    guard: "admin",
    budget: "admin",
    async sample() {
      return request("GET", "/v1/admin/spending?days=7");
    },
    headers: JSON_CONTENT,
    check: json({
      isModelOn: true,
      unit: "money",
      currency: "USD",
      prices: { input: 0.1, output: 0.5 },
      day: { period: "2026-11-23", spent: expect.any(Object), held: expect.any(Object) },
      month: { period: "2026-11", spent: expect.any(Object), held: expect.any(Object) },
      days: expect.any(Array),
    }),
  },
  {
    ...get("/v1/admin/diagnostics/request"),
    guard: "admin",
    budget: "admin",
    async sample() {
      const sample = request("GET", "/v1/admin/diagnostics/request", [
        "203.0.113.7",
        "198.51.100.9",
      ]);
      const headers = { "x-forwarded-for": "203.0.113.7, 198.51.100.9" };
      return { ...sample, init: { ...sample.init, headers } };
    },
    headers: JSON_CONTENT,
    check(body) {
      const { connection, ...seen } = JSON.parse(body) as { connection: string | null };
      // In process, requests have no such header.
      expect([null, "keep-alive"]).toContain(connection);
      expect(seen).toEqual({
        version: expect.any(String),
        scheme: "http",
        host: expect.stringMatching(/^(?:localhost|127\.0\.0\.1:\d+)$/),
        peer: PEER,
        forwardedFor: ["203.0.113.7", "198.51.100.9"],
        client: PEER,
        trustProxy: null,
        environment: expect.stringMatching(/^(?:development|production|test)$/),
      });
    },
  },
  {
    ...get("/v1/admin/diagnostics/replicas"),
    guard: "admin",
    budget: "admin",
    sample: async () => request("GET", "/v1/admin/diagnostics/replicas"),
    headers: JSON_CONTENT,
    check: (body) => expect(JSON.parse(body)).toEqual({ replicas: [] }),
  },
  {
    ...get("/v1/admin/diagnostics/stream"),
    guard: "admin",
    budget: "admin",
    sample: async () => request("GET", "/v1/admin/diagnostics/stream?chunks=1&silence=0"),
    headers: SSE_CONTENT,
    check: (body) => expect(body).toBe("event: chunk\ndata: 1\n\nevent: end\ndata: 0\n\n"),
  },
  {
    ...get("/health"),
    sample: async () => request("GET", "/health"),
    headers: { ...JSON_CONTENT, "cross-origin-resource-policy": "cross-origin" },
    check: json({ status: "ok" }),
  },
  {
    ...get("/ready"),
    sample: async () => request("GET", "/ready"),
    headers: JSON_CONTENT,
    check: json({ status: "ok" }),
  },
  {
    ...get("/metrics"),
    guard: "metrics",
    budget: "admin",
    sample: async () => request("GET", "/metrics"),
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    check: (body) => expect(body).toContain("\nchatporch_turns_total{status="),
  },
  script(widgetFiles.loader, "public, max-age=300"),
  script(widgetFiles.whole, "public, max-age=31536000, immutable"),
  script(widgetFiles.element, "public, max-age=300"),
  script(widgetFiles.types, "public, max-age=300", "text/plain; charset=utf-8"),
  { ...script(panelFile("en"), "public, max-age=31536000, immutable"), route: PANEL_ROUTE },
  {
    ...get("/widget/settings.json"),
    sample: async () => request("GET", "/widget/settings.json"),
    headers: WIDGET_SETTINGS_HEADERS,
    check: json({ suggestions: [], people: { ratings: true, person: "off" } }),
    in: {
      production: {
        headers: { ...WIDGET_SETTINGS_HEADERS, "cache-control": "public, max-age=60" },
      },
    },
  },
  {
    ...get("/"),
    sample: async () => request("GET", "/"),
    error: "not_found",
    headers: {},
    check: nothing,
    in: {
      development: {
        error: undefined,
        shown: [WIDGET_KEY],
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": /^default-src 'none'; script-src 'self'; (?!.*unsafe)/,
        },
        check: (body) =>
          expect(body).toContain(`<script src="${widgetFiles.loader.path}" data-api-key=`),
      },
    },
  },
  {
    ...get("/v1/openapi.json"),
    budget: "chat",
    sample: async () => request("GET", "/v1/openapi.json"),
    headers: JSON_CONTENT,
    check: (body) => expect(JSON.parse(body)).toMatchObject({ openapi: "3.1.0" }),
  },
];

/** The cookie of one session for each app. */
const cookies = new WeakMap<TestApp, Promise<string>>();

function cookieOf(app: TestApp): Promise<string> {
  const known = cookies.get(app) ?? logIn(app);
  cookies.set(app, known);
  return known;
}

async function ownerAsks(app: TestApp, path: string, sent: readonly string[] = []) {
  const cookie = await cookieOf(app);
  return { path, sent, init: { method: "GET", headers: { cookie } } };
}

async function ownerSends(app: TestApp, path: string, fields: Record<string, string>) {
  const cookie = await cookieOf(app);
  const sample = await ownerPosts(app, path, cookie);
  const [formToken = ""] = sample.sent;
  return { ...sample, init: form({ formToken, ...fields }, { cookie }) };
}

async function ownerPosts(app: TestApp, path: string, cookie: string): Promise<Sample> {
  const page = await app.fetch("/dashboard", { headers: { cookie } });
  const formToken = formTokenIn(await page.text());
  return { path, sent: [formToken, cookie], init: form({ formToken }, { cookie }) };
}

function page(route: string, title: string) {
  return {
    ...get(route),
    budget: "admin",
    isDashboard: true,
    sample: (app: TestApp) => ownerAsks(app, route),
    headers: PAGE_HEADERS,
    check: (body: string) => expect(body).toContain(`<title>${title} · chatporch</title>`),
  } as const;
}

function seeOther(route: string, location: string | RegExp) {
  return {
    method: "POST",
    route,
    guard: "none",
    budget: "admin",
    status: 303,
    isDashboard: true,
    headers: { location },
    check: nothing,
  } as const;
}

/** The owner's pages. Their guard is a cookie, which the samples carry; tests/dashboard tests requests without it. */
const DASHBOARD: readonly Endpoint[] = [
  ...ASSETS.map(({ path, mediaType, content }): Endpoint => ({
    ...get(path),
    isDashboard: true,
    sample: async () => request("GET", path),
    headers: {
      "content-type": mediaType,
      "cache-control": "public, max-age=31536000, immutable",
    },
    check: (body) => expect(body).toBe(content),
  })),
  page("/dashboard/login", "Log in"),
  {
    ...seeOther("/dashboard/login", "/dashboard/setup"),
    budget: "login",
    sample: async () => ({
      path: "/dashboard/login",
      sent: [],
      init: form({ password: DASHBOARD_PASSWORD, next: "/dashboard/setup" }),
    }),
    headers: {
      location: "/dashboard/setup",
      "set-cookie":
        /^(?:__Host-)?chatporch=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax(?:; Secure)?; Max-Age=604800$/,
    },
  },
  {
    ...page("/dashboard/claim", "This dashboard has an owner"),
    error: "dashboard_claimed",
  },
  {
    ...seeOther("/dashboard/claim", "/dashboard"),
    budget: "login",
    sample: async () => ({
      path: "/dashboard/claim",
      sent: ["token-of-a-claim", "words of a stranger"],
      init: form({
        token: "token-of-a-claim",
        password: "words of a stranger",
        again: "words of a stranger",
      }),
    }),
    error: "dashboard_claimed",
  },
  // It names the websites that were refused.
  { ...page("/dashboard", "Overview"), shown: ["https://evil.example"] },
  page("/dashboard/conversations", "Conversations"),
  {
    ...page("/dashboard/conversations/:id", ""),
    async sample(app) {
      const { conversationId } = await finishedTurn(app);
      return ownerAsks(app, `/dashboard/conversations/${conversationId}`);
    },
    // A thread is called by its first question.
    check: (body) => expect(body).toMatch(/<title>question-\d+ · chatporch<\/title>/),
  },
  {
    ...seeOther(
      "/dashboard/conversations/:id/delete",
      /^\/dashboard\/conversations\?done=deleted&id=c_/,
    ),
    async sample(app) {
      const { conversationId } = await finishedTurn(app);
      const path = `/dashboard/conversations/${conversationId}/delete`;
      return ownerPosts(app, path, await cookieOf(app));
    },
  },
  {
    ...seeOther("/dashboard/conversations/:id/restore", "/dashboard/conversations?done=restored"),
    async sample(app) {
      const { conversationId } = await finishedTurn(app);
      const path = `/dashboard/conversations/${conversationId}`;
      const { path: deletion, init } = await ownerPosts(app, `${path}/delete`, await cookieOf(app));
      await app.fetch(deletion, init);
      return ownerPosts(app, `${path}/restore`, await cookieOf(app));
    },
  },
  takeoverForm("takeover"),
  takeoverForm("give-back"),
  takeoverForm("messages", { text: "I am here.", key: "once" }),
  { ...takeoverForm("typing"), status: 204, headers: {} },
  {
    ...seeOther(
      "/dashboard/conversations/:id/requests/:request/close",
      /^\/dashboard\/conversations\/c_[\w-]+$/,
    ),
    async sample(app) {
      const { id, conversationId } = await wantedPerson(app);
      const path = `/dashboard/conversations/${conversationId}/requests/${id}/close`;
      return ownerPosts(app, path, await cookieOf(app));
    },
  },
  {
    ...page("/dashboard/export", ""),
    async sample(app) {
      await finishedTurn(app);
      return ownerAsks(app, "/dashboard/export?format=csv");
    },
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="chatporch-messages.csv"',
    },
    check: (body) => expect(body).toStartWith("conversationId,sessionId,id,"),
  },
  {
    ...page("/dashboard/conversations/:id/export", ""),
    async sample(app) {
      const { conversationId } = await finishedTurn(app);
      return ownerAsks(app, `/dashboard/conversations/${conversationId}/export?format=csv`);
    },
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": /^attachment; filename="chatporch-c_.+\.csv"$/,
    },
    check: (body) => expect(body).toStartWith("conversationId,sessionId,id,"),
  },
  page("/dashboard/knowledge", "Knowledge"),
  {
    ...seeOther("/dashboard/knowledge", "/dashboard/knowledge?done=reading"),
    sample: (app) =>
      ownerSends(app, "/dashboard/knowledge", { action: "add", address: "shop.example" }),
  },
  {
    ...seeOther("/dashboard/knowledge/files", "/dashboard/knowledge?done=uploaded"),
    async sample(app) {
      const path = "/dashboard/knowledge/files";
      const cookie = await cookieOf(app);
      const { sent } = await ownerPosts(app, path, cookie);
      const body = filesForm({ formToken: sent[0] ?? "" }, { "a.md": "# A\n\nText." });
      return {
        path,
        sent,
        init: { method: "POST", headers: { cookie, ...body.headers }, body: body.text },
      };
    },
  },
  {
    ...page("/dashboard/knowledge/:tab", "Notes · Knowledge"),
    sample: (app) => ownerAsks(app, "/dashboard/knowledge/notes"),
  },
  {
    ...seeOther("/dashboard/knowledge/:tab", "/dashboard/knowledge/notes?done=note"),
    sample: (app) =>
      ownerSends(app, "/dashboard/knowledge/notes", { action: "save", title: "A", text: "B" }),
  },
  {
    ...page("/dashboard/knowledge/:tab/:id", "Shipping · Knowledge"),
    async sample(app) {
      const { documentId } = await storedPage(app);
      return ownerAsks(app, `/dashboard/knowledge/documents/${documentId}`);
    },
  },
  {
    ...seeOther("/dashboard/knowledge/:tab/:id", "/dashboard/knowledge?done=forgotten"),
    async sample(app) {
      const { sourceId } = await storedPage(app);
      return ownerSends(app, `/dashboard/knowledge/sources/${sourceId}`, { action: "forget" });
    },
  },
  { ...page("/dashboard/setup", "Setup"), shown: [WIDGET_KEY] },
  page("/dashboard/settings", "Model · Settings"),
  {
    ...page("/dashboard/settings/:section", "Limits and privacy · Settings"),
    sample: (app) => ownerAsks(app, "/dashboard/settings/limits"),
  },
  {
    ...seeOther("/dashboard/settings/:section", "/dashboard/settings/websites?done=forgotten"),
    async sample(app) {
      const sample = await ownerPosts(app, "/dashboard/settings/websites", await cookieOf(app));
      return { ...sample, init: { ...sample.init, body: `${sample.init.body}&action=forget` } };
    },
  },
  {
    ...page("/dashboard/events", ""),
    isEndless: true,
    headers: SSE_CONTENT,
    check: (body) =>
      expect(body).toMatch(/^event: published\ndata: [\w-]+\.\d+\n\nretry: 1000\n\n$/),
  },
  {
    ...seeOther("/dashboard/logout", "/dashboard/login"),
    sample: async (app) => ownerPosts(app, "/dashboard/logout", await logIn(app)),
    headers: {
      location: "/dashboard/login",
      "set-cookie":
        /^(?:__Host-)?chatporch=; Path=\/; HttpOnly; SameSite=Lax(?:; Secure)?; Max-Age=0$/,
    },
  },
];

/** Every endpoint that the server has. */
export const ENDPOINTS: readonly Endpoint[] = [...API, ...KNOWLEDGE_ENDPOINTS, ...DASHBOARD];

/** Paths where nothing is. */
export const NOWHERE: readonly Endpoint[] = [
  {
    ...get("/widget/chat-widget.0123456789abcdef.js"),
    isForAll: true,
    sample: async () => request("GET", "/widget/chat-widget.0123456789abcdef.js"),
    error: "not_found",
    headers: {},
    check: nothing,
  },
  {
    ...get("/nobody-lives-here"),
    budget: "chat",
    sample: async () => request("GET", "/nobody-lives-here", ["nobody-lives-here"]),
    error: "not_found",
    headers: {},
    check: nothing,
  },
];

/** The routes of an app for which the table has no row. OPTIONS is answered everywhere. */
export function routesWithoutRow(
  routes: readonly { readonly method: string; readonly path: string }[],
): string[] {
  const known = new Set(ENDPOINTS.map(({ method, route }) => `${method} ${route}`));
  return routes
    .filter(({ method }) => method !== "OPTIONS")
    .map(({ method, path }) => `${method} ${path}`)
    .filter((name) => !known.has(name));
}

function get(route: string) {
  return { method: "GET", route, guard: "none", budget: "none", status: 200 } as const;
}

/** A file of the widget, which may be cached only in production. */
function script(
  { path, source, hash }: WidgetFile,
  cacheControl: string,
  contentType = "text/javascript; charset=utf-8",
): Endpoint {
  const headers = {
    "content-type": contentType,
    "cross-origin-resource-policy": "cross-origin",
    vary: "Accept-Encoding",
  };
  const kept = { "cache-control": cacheControl, etag: `W/"${hash}"` };
  return {
    ...get(path),
    isForAll: true,
    sample: async () => request("GET", path),
    headers,
    check: (body) => expect(body).toBe(source),
    in: { production: { headers: { ...headers, ...kept } } },
  };
}

function post(route: string) {
  return { method: "POST", route, guard: "widget", budget: "chat", status: 200 } as const;
}

function json(expected: object): Endpoint["check"] {
  return (body) => expect(JSON.parse(body)).toEqual(expected);
}

function nothing(body: string): void {
  expect(body).toBe("");
}

let samples = 0;

function request(method: string, path: string, sent: readonly string[] = []): Sample {
  return { path, sent, init: { method, headers: {} } };
}

function ask(path: string): Sample {
  samples++;
  const sessionId = `visitor-${samples}`;
  const message = `question-${samples}`;
  const body = JSON.stringify({ sessionId, message });
  const headers = { "content-type": "application/json" };
  return { path, sent: [sessionId, message], init: { method: "POST", headers, body } };
}

/** Makes a turn with a question and its answer. */
async function finishedTurn(
  app: TestApp,
  sessionId = `visitor-${++samples}`,
  headers: Record<string, string> = {},
) {
  const question = `question-${++samples}`;
  const asked = chatRequest({ sessionId, message: question }, headers);
  const response = await app.fetch("/v1/chat", asked);
  const answer: { conversationId: string; turnId: string } = JSON.parse(await response.text());
  return { ...answer, sessionId, question };
}

/** A question whose answer the sources do not hold. */
async function askedInVain(app: TestApp): Promise<void> {
  const turn = newTurn({
    turnId: `t_${randomText(16)}`,
    sessionId: `visitor-${++samples}`,
    question: `question-${++samples}`,
    at: Date.now(),
  });
  await begin(app.store, turn);
  await app.store.finishTurn(turn.turnId, outcome({ grounding: "none", sources: [] }));
}

async function wantedPerson(app: TestApp) {
  const { conversationId } = await finishedTurn(app);
  return storedRequest(app.store, conversationId);
}

async function askForPerson(app: TestApp): Promise<Sample> {
  const { path, sent, init } = await ownHistory(app, "POST");
  const { searchParams } = new URL(path, "http://localhost");
  const note = `note-${randomText(9)}`;
  const contact = { kind: "phone", value: "030 123456789" };
  const consent = "You may call me.";
  const body = JSON.stringify({ sessionId: searchParams.get("sessionId"), contact, note, consent });
  const headers = { ...init.headers, "content-type": "application/json" };
  return { path: "/v1/chat/requests", sent: [...sent, note], init: { ...init, headers, body } };
}

/** A turn of a session whose id the server has made. */
async function mintedTurn(app: TestApp) {
  const minting = await app.fetch("/v1/sessions", { ...chatRequest(""), body: null });
  const minted: { sessionId: string; sessionToken: string } = JSON.parse(await minting.text());
  const { sessionId, sessionToken } = minted;
  const turn = await finishedTurn(app, sessionId, { "x-session-token": sessionToken });
  return { ...turn, sessionToken };
}

async function ownHistory(app: TestApp, method: string): Promise<Sample> {
  const { sessionId, sessionToken } = await mintedTurn(app);
  const headers = { "x-session-token": sessionToken };
  return {
    path: `/v1/chat/history?sessionId=${sessionId}`,
    sent: [sessionId, sessionToken],
    init: { method, headers },
  };
}

/** The same in the dashboard. */
function takeoverForm(what: string, fields: Record<string, string> = {}): Endpoint {
  return {
    ...seeOther(
      `/dashboard/conversations/:id/${what}`,
      /^\/dashboard\/conversations\/c_[\w-]{22}#(?:takeover|words)$/,
    ),
    async sample(app) {
      const { conversationId } = await mintedTurn(app);
      return ownerSends(app, `/dashboard/conversations/${conversationId}/${what}`, fields);
    },
  };
}

/** By which the owner answers in a conversation in place of the model. */
function takeover(method: string, what: string, body?: object): Endpoint {
  return {
    method,
    route: `/v1/admin/conversations/:id/${what}`,
    guard: "admin",
    budget: "admin",
    async sample(app) {
      const { conversationId } = await mintedTurn(app);
      const { path, sent, init } = ofConversation(conversationId, method);
      if (body === undefined) return { path: `${path}/${what}`, sent, init };
      const headers = { "content-type": "application/json" };
      const values = Object.values(body).map(String);
      return {
        path: `${path}/${what}`,
        sent: [...sent, ...values],
        init: { ...init, headers, body: JSON.stringify(body) },
      };
    },
    status: 204,
    headers: {},
    check: nothing,
  };
}

async function oneConversation(app: TestApp, method: string): Promise<Sample> {
  const { conversationId } = await finishedTurn(app);
  return ofConversation(conversationId, method);
}

function ofConversation(conversationId: string, method: string): Sample {
  return request(method, `/v1/admin/conversations/${conversationId}`, [conversationId]);
}
