import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type Exposition, parseExposition } from "../../harness/exposition.ts";
import {
  answer,
  failure,
  type ModelServer,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { REDACTED_KINDS } from "../../src/config/redaction.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { addSource, newDocument } from "../support/stored-knowledge.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  METRICS_KEY,
  OTHER_METRICS_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

const KEY = { headers: { "x-metrics-key": METRICS_KEY } };

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

async function restart(options: Parameters<typeof createTestApp>[0]): Promise<void> {
  await app.close();
  app = createTestApp({ modelUrl: server.url, ...options });
}

async function scrape(): Promise<Exposition> {
  const response = await app.fetch("/metrics", KEY);
  expect(response.status).toBe(200);
  return parseExposition(await response.text());
}

async function valueOf(name: string): Promise<number | undefined> {
  return (await scrape()).values.get(name);
}

let questions = 0;

function ask(path = "/v1/chat"): Promise<Response> {
  const body = { sessionId: `visitor-${++questions}`, message: "Hi?" };
  return app.fetch(path, chatRequest(body));
}

/** Waits, because an answer is counted only after it was sent. */
async function afterResponse(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("the metrics", () => {
  test("have every metric with its type", async () => {
    await (await ask()).text();
    const { types } = await scrape();
    expect(Object.fromEntries(types)).toEqual({
      chatporch_http_requests_total: "counter",
      chatporch_turn_first_token_seconds: "histogram",
      chatporch_turn_duration_seconds: "histogram",
      chatporch_turns_total: "counter",
      chatporch_streams_open: "gauge",
      chatporch_person_streams_open: "gauge",
      chatporch_turns_running: "gauge",
      chatporch_tokens_total: "counter",
      chatporch_spent_tokens_total: "counter",
      chatporch_spent_cost_total: "counter",
      chatporch_budget_ratio: "gauge",
      chatporch_model_calls_refused_total: "counter",
      chatporch_model_errors_total: "counter",
      chatporch_rate_limited_total: "counter",
      chatporch_overload_refusals_total: "counter",
      chatporch_proofs_total: "counter",
      chatporch_turns_grounding_total: "counter",
      chatporch_ratings_total: "counter",
      chatporch_redactions_total: "counter",
      chatporch_requests_for_person_total: "counter",
      chatporch_knowledge_documents: "gauge",
      chatporch_knowledge_sections: "gauge",
      chatporch_knowledge_search_seconds: "histogram",
      chatporch_knowledge_searches_lost_total: "counter",
      chatporch_database_bytes: "gauge",
      chatporch_database_used_bytes: "gauge",
      chatporch_database_max_bytes: "gauge",
      chatporch_database_write_seconds: "histogram",
      chatporch_event_loop_lag_seconds: "histogram",
      process_resident_memory_bytes: "gauge",
      process_cpu_seconds_total: "counter",
      process_start_time_seconds: "gauge",
    });
  });

  test("begin all counts at 0, so that the first event shows as a rise", async () => {
    const { values } = await scrape();
    for (const name of [
      'chatporch_turns_total{status="complete"}',
      'chatporch_turns_total{status="failed"}',
      'chatporch_tokens_total{kind="prompt"}',
      'chatporch_model_errors_total{code="model_timeout"}',
      'chatporch_rate_limited_total{budget="chat"}',
      "chatporch_overload_refusals_total",
      'chatporch_spent_tokens_total{direction="output"}',
      'chatporch_budget_ratio{period="day"}',
      'chatporch_model_calls_refused_total{reason="share_reached"}',
      'chatporch_turns_grounding_total{grounding="none"}',
      'chatporch_ratings_total{rating="negative"}',
      ...REDACTED_KINDS.map((kind) => `chatporch_redactions_total{kind="${kind}"}`),
      "chatporch_requests_for_person_total",
      'chatporch_knowledge_searches_lost_total{reason="slow"}',
      "chatporch_turn_duration_seconds_count",
    ]) {
      expect([name, values.get(name)]).toEqual([name, 0]);
    }
  });

  test("may not be stored by any cache", async () => {
    const response = await app.fetch("/metrics", KEY);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  test("contain no sessions, messages, keys or addresses", async () => {
    await (await ask()).text();
    await app.fetch("/v1/chat/stream/t_secret", { headers: { "x-api-key": WIDGET_KEY } });
    const text = await (await app.fetch("/metrics", KEY)).text();
    for (const secret of [
      "visitor-",
      "Hi?",
      "Hello",
      WIDGET_KEY,
      METRICS_KEY,
      "t_secret",
      "192.",
    ]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("requests", () => {
  async function countOf(route: string, method: string, status: number) {
    await afterResponse();
    const labels = `route="${route}",method="${method}",status="${status}"`;
    return valueOf(`chatporch_http_requests_total{${labels}}`);
  }

  test("are counted by route, method and status", async () => {
    await (await ask()).text();
    await (await ask()).text();
    await (await ask("/v1/chat/stream")).text();
    await app.fetch("/v1/chat", chatRequest({}));
    await app.fetch("/v1/chat", chatRequest("{}", { "x-api-key": "wrong" }));
    expect(await countOf("/v1/chat", "POST", 200)).toBe(2);
    expect(await countOf("/v1/chat/stream", "POST", 200)).toBe(1);
    expect(await countOf("/v1/chat", "POST", 400)).toBe(1);
    expect(await countOf("/v1/chat", "POST", 401)).toBe(1);
  });

  test("to a route with a parameter count as one route, and so does the scrape", async () => {
    const headers = { "x-admin-api-key": ADMIN_KEY };
    for (const id of ["c_1", "c_2"]) await app.fetch(`/v1/admin/conversations/${id}`, { headers });
    expect(await countOf("/v1/admin/conversations/:id", "GET", 404)).toBe(2);
    expect(await countOf("/metrics", "GET", 200)).toBe(1);
  });

  test("to unknown paths and with unknown methods share one label value", async () => {
    for (const path of ["/a", "/b?c=d", "/v1/chat/nothing", "/wp-login.php"]) await app.fetch(path);
    expect(await countOf("other", "GET", 404)).toBe(4);
    for (const method of ["PROPFIND", "MKCOL"]) await app.fetch("/a", { method });
    expect(await countOf("other", "other", 404)).toBe(2);
    await app.fetch("/v1/chat", { method: "DELETE" });
    expect(await countOf("/v1/chat", "DELETE", 405)).toBe(1);
  });

  test("that are refused before they are routed are counted too", async () => {
    const foreign = { origin: "https://evil.example" };
    await app.fetch("/v1/chat", chatRequest({ sessionId: "a", message: "Hi?" }, foreign));
    expect(await countOf("/v1/chat", "POST", 403)).toBe(1);
    await app.fetch("/v1/chat", { method: "OPTIONS", headers: foreign });
    expect(await countOf("/v1/chat", "OPTIONS", 403)).toBe(1);
  });

  test("over a budget are counted by budget", async () => {
    await restart({ env: { RATE_LIMIT_MAX_REQUESTS: "2" } });
    for (let i = 0; i < 5; i++) await app.fetch("/v1/openapi.json");
    expect(await valueOf('chatporch_rate_limited_total{budget="chat"}')).toBe(3);
    expect(await countOf("/v1/openapi.json", "GET", 429)).toBe(3);
    const limited = await readAnswer(await app.fetch("/metrics", KEY));
    expectError(limited, "rate_limited");
    app.clock.advance(60_000);
    expect(await valueOf('chatporch_rate_limited_total{budget="admin"}')).toBe(1);
  });
});

describe("turns", () => {
  test("are counted with their times and tokens after they have ended", async () => {
    await (await ask("/v1/chat/stream")).text();
    const { values } = await scrape();
    expect(values.get('chatporch_turns_total{status="complete"}')).toBe(1);
    expect(values.get("chatporch_turn_first_token_seconds_count")).toBe(1);
    expect(values.get("chatporch_turn_duration_seconds_count")).toBe(1);
    expect(values.get('chatporch_tokens_total{kind="prompt"}')).toBe(11);
    expect(values.get('chatporch_tokens_total{kind="completion"}')).toBe(7);
  });

  test("that are answered as a whole have no time to the first token", async () => {
    await (await ask()).text();
    const { values } = await scrape();
    expect(values.get("chatporch_turn_duration_seconds_count")).toBe(1);
    expect(values.get("chatporch_turn_first_token_seconds_count")).toBe(0);
  });

  test("that requests with the same Idempotency-Key join are counted once", async () => {
    const asked = chatRequest({ sessionId: "a", message: "Hi?" }, { "idempotency-key": "once" });
    await (await app.fetch("/v1/chat", asked)).text();
    await (await app.fetch("/v1/chat", asked)).text();
    expect(await valueOf('chatporch_turns_total{status="complete"}')).toBe(1);
    expect(await valueOf('chatporch_tokens_total{kind="prompt"}')).toBe(11);
  });

  test.each([
    [400, "model_error"],
    [429, "model_busy"],
  ])("that the model refuses with %d count as failed with the code %s", async (status, code) => {
    server.script = () => failure(status, { "x-should-retry": "false" });
    await (await ask()).text();
    expect(await valueOf(`chatporch_model_errors_total{code="${code}"}`)).toBe(1);
    expect(await valueOf('chatporch_turns_total{status="failed"}')).toBe(1);
  });

  test("and streams are shown while they run", async () => {
    server.script = (call) => {
      silence(call);
      call.token("Hello");
    };
    const reader = followBody(await ask("/v1/chat/stream"));
    const [, turnId = ""] = /"turnId":"([^"]+)"/.exec(await reader.until("Hello")) ?? [];
    const running = await scrape();
    expect(running.values.get("chatporch_turns_running")).toBe(1);
    expect(running.values.get("chatporch_streams_open")).toBe(1);

    const headers = { "x-api-key": WIDGET_KEY };
    const second = followBody(await app.fetch(`/v1/chat/stream/${turnId}`, { headers }));
    await second.until("Hello");
    expect(await valueOf("chatporch_streams_open")).toBe(2);
    await second.cancel();
    expect(await valueOf("chatporch_streams_open")).toBe(1);

    await app.fetch(`/v1/chat/stream/${turnId}/stop`, { method: "POST", headers });
    await reader.end();
    const ended = await scrape();
    expect(ended.values.get("chatporch_turns_running")).toBe(0);
    expect(ended.values.get("chatporch_streams_open")).toBe(0);
    expect(ended.values.get('chatporch_turns_total{status="stopped"}')).toBe(1);
  });

  test("show no open stream after its reader has left", async () => {
    server.script = (call) => call.token("Hello");
    const base = app.listen();
    const body = { sessionId: "leaver", message: "Hi?" };
    const reader = followBody(await fetch(`${base}/v1/chat/stream`, chatRequest(body)));
    await reader.until("Hello");
    expect(await valueOf("chatporch_streams_open")).toBe(1);
    await reader.cancel();
    while ((await valueOf("chatporch_streams_open")) !== 0) await Bun.sleep(1);
  });

  test("for which there is no room count as refused", async () => {
    await restart({ loop: { isBehind: true } });
    await (await ask()).text();
    await (await ask("/v1/chat/stream")).text();
    expect(await valueOf("chatporch_overload_refusals_total")).toBe(2);
    expect(await valueOf("chatporch_turn_duration_seconds_count")).toBe(0);
  });
});

describe("the metrics of the database and the process", () => {
  test("measure commits and show the database growing", async () => {
    const before = await scrape();
    for (let i = 0; i < 50; i++) {
      const message = "x".repeat(4000);
      await (await app.fetch("/v1/chat", chatRequest({ sessionId: `a-${i}`, message }))).text();
    }
    const { values } = await scrape();
    const commits = values.get("chatporch_database_write_seconds_count") ?? 0;
    const seconds = values.get("chatporch_database_write_seconds_sum") ?? 0;
    expect(commits).toBeGreaterThanOrEqual(100);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(10);
    const size = before.values.get("chatporch_database_bytes") ?? 0;
    expect(size).toBeGreaterThan(0);
    expect(values.get("chatporch_database_bytes")).toBeGreaterThan(size);
  });

  test("are complete except for the database when that does not answer", async () => {
    const { store } = app;
    store.sizeBytes = async () => {
      throw new Error("disk gone");
    };
    const { values } = await scrape();
    expect(values.get("chatporch_database_bytes")).toBeNaN();
    expect(values.get("process_resident_memory_bytes")).toBeGreaterThan(0);
  });

  test("count what the bot knows, also while it knows nothing", async () => {
    const { values } = await scrape();
    expect(values.get("chatporch_knowledge_sections")).toBe(0);
    expect(values.get('chatporch_knowledge_documents{status="ok"}')).toBe(0);
    await restart({});
    const { id } = await addSource(app.store);
    await app.store.putDocument(newDocument({ sourceId: id }));
    const failed = { uri: "https://shop.example/a", status: "failed", reason: "Gone." } as const;
    await app.store.noteDocument({ ...failed, sourceId: id, isMissing: false, at: 1 });
    const known = (await scrape()).values;
    expect(known.get("chatporch_knowledge_sections")).toBe(1);
    expect(known.get('chatporch_knowledge_documents{status="ok"}')).toBe(1);
    expect(known.get('chatporch_knowledge_documents{status="failed"}')).toBe(1);
  });

  test("have the memory, processor time and start of this process", async () => {
    const { values } = await scrape();
    expect(values.get("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(values.get("process_cpu_seconds_total")).toBeGreaterThan(0);
    const start = values.get("process_start_time_seconds") ?? 0;
    expect(start).toBeLessThanOrEqual(Date.now() / 1000);
    expect(start).toBeGreaterThan(Date.now() / 1000 - 3600);
  });
});

describe("the metrics key", () => {
  async function statusWith(headers: Record<string, string>): Promise<number> {
    return (await app.fetch("/metrics", { headers })).status;
  }

  test("is any key of METRICS_KEY, in either header", async () => {
    for (const key of [METRICS_KEY, OTHER_METRICS_KEY]) {
      expect(await statusWith({ "x-metrics-key": key })).toBe(200);
      expect(await statusWith({ authorization: `Bearer ${key}` })).toBe(200);
    }
  });

  test.each([
    ["none", {}],
    ["an empty one", { "x-metrics-key": "" }],
    ["a wrong one", { "x-metrics-key": `${METRICS_KEY}x` }],
    ["a wrong bearer", { authorization: `Bearer ${METRICS_KEY.slice(1)}` }],
    ["the widget's", { "x-metrics-key": WIDGET_KEY }],
    ["the owner's", { authorization: `Bearer ${ADMIN_KEY}` }],
    ["in the wrong header", { "x-api-key": METRICS_KEY }],
  ])("that is %s is refused", async (_name, headers: Record<string, string>) => {
    const answered = await readAnswer(await app.fetch("/metrics", { headers }));
    expectError(answered, "unauthorized");
    expect(answered.body).not.toContain("chatporch_");
  });

  test("is not accepted in the query", async () => {
    expect((await app.fetch(`/metrics?key=${METRICS_KEY}`)).status).toBe(401);
  });

  test("is not needed in development when there is none", async () => {
    await restart({ env: { NODE_ENV: "development", METRICS_KEY: "" } });
    expect(await statusWith({})).toBe(200);
    await restart({ env: { NODE_ENV: "development" } });
    expect(await statusWith({})).toBe(401);
  });

  test("is required in production: without METRICS_KEY the address does not exist", async () => {
    const env = { NODE_ENV: "production", OPENAI_API_KEY: "sk-upstream" };
    await restart({ env: { ...env, METRICS_KEY: "" } });
    for (const method of ["GET", "POST"]) {
      for (const key of ["", METRICS_KEY, ADMIN_KEY]) {
        const init = { method, headers: { "x-metrics-key": key } };
        expectError(await readAnswer(await app.fetch("/metrics", init)), "not_found");
      }
    }
    const document = await (await app.fetch("/v1/openapi.json")).text();
    expect(document).not.toContain('"/metrics"');

    await restart({ env });
    expect(await statusWith({ "x-metrics-key": METRICS_KEY })).toBe(200);
    expect(await statusWith({})).toBe(401);
  });
});
