import { afterEach, beforeEach, expect, test } from "bun:test";

import { parseExposition } from "../../harness/exposition.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { type Solvable, solveProof } from "../../harness/proof-solver.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { HOUR_MS, SECOND_MS } from "../../src/runtime/time.ts";
import { askAdmin, readList } from "../support/admin-requests.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { eventsOf, WEBHOOK_SECRET } from "../support/notices.ts";
import { chatRequest, createTestApp, METRICS_KEY, type TestApp } from "../support/test-app.ts";
import { until } from "../support/until.ts";

/** What everybody sees of a budget that is nearly spent, and of one that is. */

/** Each answer of the scripted model is reported as 18 tokens. */
const BUDGET = 300;
const MESSAGE = "We answer again tomorrow.";
const PROGRAM_KEY = "program-key-for-tests-0123456789";
const PROGRAM = { "x-api-key": PROGRAM_KEY };
const DAY = "2026-11-23";
const LEFT_OF_DAY_MS = 12 * HOUR_MS;
/** What visitors and programs ask: a whole answer, one in SSE, one in NDJSON. */
const PATHS = ["/v1/chat", "/v1/chat/stream", "/chat"];

let model: ModelServer;
let receiver: WebhookReceiver;
let app: TestApp;
let visitors = 0;

beforeEach(async () => {
  model = startModelServer(answer("Hello there"));
  receiver = startWebhookReceiver();
  app = createTestApp({
    modelUrl: model.url,
    env: {
      KNOWLEDGE_MODE: "off",
      SYSTEM_PROMPT: "Be kind.",
      MAX_OUTPUT_TOKENS: "8",
      BUDGET_UNIT: "tokens",
      BUDGET_SHARE: "100",
      BUDGET_MESSAGE: MESSAGE,
      PROGRAM_API_KEY: PROGRAM_KEY,
      WEBHOOK_URL: receiver.url,
      WEBHOOK_SECRET,
      WEBHOOK_EVENTS: "budget.warning,budget.reached",
      NOTICES_PRIVATE_ADDRESSES: "on",
    },
  });
  await app.outbox.sync();
  await setBudget(BUDGET);
});
afterEach(async () => {
  await app.close();
  await Promise.all([model.stop(), receiver.stop()]);
});

async function setBudget(tokens: number): Promise<void> {
  const outcome = await app.settings.change(
    { BUDGET_PER_DAY: String(tokens) },
    { by: "the owner" },
  );
  expect(outcome.kind).toBe("changed");
}

/** Asks as a new visitor. */
function ask(path = "/v1/chat", headers: Record<string, string> = {}): Promise<Response> {
  visitors += 1;
  const body = { sessionId: `visitor-${visitors}`, message: "Hi" };
  return app.fetch(path, chatRequest(body, headers));
}

async function readMetrics(): Promise<(name: string) => number | undefined> {
  const headers = { authorization: `Bearer ${METRICS_KEY}` };
  const { values } = parseExposition(await (await app.fetch("/metrics", { headers })).text());
  return (name) => values.get(name);
}

interface ShownSpending {
  readonly day: {
    readonly spent: { readonly inputTokens: number; readonly outputTokens: number };
  };
}

async function spentToday(): Promise<number> {
  const response = await askAdmin(app, "/v1/admin/spending");
  expect(response.status).toBe(200);
  const { inputTokens, outputTokens } = ((await response.json()) as ShownSpending).day.spent;
  return inputTokens + outputTokens;
}

/** Programs ask until so much of the budget is spent. */
async function spend(share: number): Promise<void> {
  while ((await spentToday()) < share * BUDGET) {
    expect((await ask("/v1/chat", PROGRAM)).status).toBe(200);
  }
}

async function overview(): Promise<string> {
  const { get } = await openDashboard(app);
  return (await get("/dashboard")).body;
}

test("at 80 % visitors prove work and are answered, programs are answered, and the owner is told once", async () => {
  await spend(0.7);
  expect((await ask()).status).toBe(200);
  await spend(0.8);
  await until(() => receiver.received.length > 0);
  expect(eventsOf(receiver)).toMatchObject([{ type: "budget.warning" }]);
  await until(async () => (await ask("/v1/chat", { "x-proof": "none" })).status === 401);
  const spent = await spentToday();
  const session = chatRequest({ sessionId: "visitor-who-solves", message: "Hi" });
  const refused = await app.fetch("/v1/chat", session);
  expect(refused.status).toBe(401);
  const body = (await refused.json()) as { readonly code: string; readonly challenge: Solvable };
  expect(body.code).toBe("proof_required");
  const headers = { ...session.headers, "x-proof": solveProof(body.challenge) };
  expect((await app.fetch("/v1/chat", { ...session, headers })).status).toBe(200);
  expect(await spentToday()).toBe(spent + 18);
  const metric = await readMetrics();
  expect(metric('chatporch_budget_ratio{period="day"}')).toBeGreaterThanOrEqual(0.8);
  expect(metric('chatporch_proofs_total{result="required"}')).toBeGreaterThan(0);
  expect(await overview()).toContain("% of today’s budget is used.");
  expect(
    await app.store.noteSpending({
      period: DAY,
      mark: "warning",
      limit: BUDGET,
      at: app.clock.now(),
    }),
  ).toBe(false);
});

test("at 100 % visitors and programs read the owner's sentence and when to come back, and the owner is told once", async () => {
  while ((await ask("/v1/chat", PROGRAM)).status === 200);
  await app.settings.change({ PROOF_OF_WORK: "off" }, { by: "the owner" });
  const spent = await spentToday();
  expect(spent).toBeLessThanOrEqual(BUDGET);
  const asked = model.calls.length;
  for (const path of PATHS) {
    for (const headers of [{}, PROGRAM]) {
      const response = await ask(path, headers);
      expect([path, response.status]).toEqual([path, 503]);
      expect(response.headers.get("retry-after")).toBe(String(LEFT_OF_DAY_MS / SECOND_MS));
      expect(await response.json()).toMatchObject({ error: MESSAGE, code: "budget_reached" });
    }
  }
  // They cost nothing and left no trace.
  expect(model.calls.length).toBe(asked);
  expect(await spentToday()).toBe(spent);
  expect((await readList(app)).total).toBe(asked);
  const metric = await readMetrics();
  expect(metric('chatporch_model_calls_refused_total{reason="budget_reached"}')).toBe(7);
  expect(await overview()).toContain("today’s budget is used up.");
  // The warning comes before it, or not at all where the rest of the budget was spent within a second.
  await until(() => eventsOf(receiver).at(-1)?.type === "budget.reached");
  for (const mark of ["warning", "reached"] as const) {
    expect(
      await app.store.noteSpending({ period: DAY, mark, limit: BUDGET, at: app.clock.now() }),
    ).toBe(false);
  }
  app.clock.advance(LEFT_OF_DAY_MS);
  expect((await ask()).status).toBe(200);
});

test("an owner who raises the budget of a day is told of its end again", async () => {
  while ((await ask("/v1/chat", PROGRAM)).status === 200);
  await until(() => eventsOf(receiver).at(-1)?.type === "budget.reached");
  const told = receiver.received.length;
  await setBudget(BUDGET + 20);
  while ((await ask("/v1/chat", PROGRAM)).status === 200);
  await until(() => receiver.received.length > told);
  expect(eventsOf(receiver).at(-1)).toMatchObject({ period: DAY, limit: BUDGET + 20 });
});
