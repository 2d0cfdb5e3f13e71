import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { followBody } from "../../harness/streams.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { HOUR_MS, SECOND_MS } from "../../src/runtime/time.ts";
import { readAnswer } from "../support/answers.ts";
import { chatRequest } from "../support/test-app.ts";
import { until } from "../support/until.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

/** What visitors get when the budget is spent, and while the model is off. */

const BUDGET = 100_000;
const DAY = "2026-11-23";
const SENTENCE = "We answer again tomorrow. Call us: 030 12345.";
const ENV = {
  KNOWLEDGE_MODE: "off",
  SYSTEM_PROMPT: "Be kind.",
  MAX_OUTPUT_TOKENS: "64",
  BUDGET_UNIT: "tokens",
  BUDGET_PER_DAY: String(BUDGET),
  BUDGET_SHARE: "100",
  BUDGET_MESSAGE: SENTENCE,
  PROOF_OF_WORK: "off",
  PROGRAM_API_KEY: "program-key-for-tests-0123456789",
};
const PATHS = ["/v1/chat", "/v1/chat/stream", "/chat"] as const;

let visitors: Visitors;
let ada: Session;

async function start(env: Env = {}): Promise<void> {
  visitors = startVisitors({ env: { ...ENV, ...env } });
  ada = await visitors.mint();
}

beforeEach(() => start());
afterEach(() => visitors.close());

/** So many tokens of the day are spent. */
async function spend(tokens: number, day = DAY): Promise<void> {
  const amount = { inputTokens: tokens, outputTokens: 0, cost: 0 };
  const spent = { day, month: day.slice(0, 7), amount, isReserved: false };
  await visitors.app.store.settle(crypto.randomUUID(), spent);
}

function ask(path: string, message: string, headers: Record<string, string> = {}) {
  const body = { sessionId: ada.id, message };
  const token = { "x-session-token": ada.token };
  return visitors.app.fetch(path, chatRequest(body, { ...token, ...headers }));
}

async function refusal(response: Response | Promise<Response>) {
  const { status, headers, body } = await readAnswer(await response);
  const { error, code } = JSON.parse(body);
  return { status, code, error, retryAfter: headers.get("retry-after") };
}

async function spentToday() {
  const [sum] = await visitors.app.store.spentIn([DAY]);
  if (sum === undefined) throw new Error("The store has no sum.");
  return sum;
}

/** Whether anything of the visitor is stored. */
async function isStored(): Promise<boolean> {
  return (await visitors.app.store.findConversationBySession(ada.id)) !== undefined;
}

describe("a budget that is spent", () => {
  test.each(PATHS)(
    "refuses a question at %s with the owner's sentence until the day is over",
    async (path) => {
      await spend(BUDGET);
      expect(await refusal(ask(path, "Hello?"))).toEqual({
        status: 503,
        code: "budget_reached",
        error: SENTENCE,
        retryAfter: String((12 * HOUR_MS) / SECOND_MS),
      });
      expect(await isStored()).toBe(false);
      expect(visitors.app.metrics.write()).toContain(
        'chatporch_model_calls_refused_total{reason="budget_reached"} 1',
      );
    },
  );

  test("has a sentence of the server where the owner has written none", async () => {
    await visitors.close();
    await start({ BUDGET_MESSAGE: "" });
    await spend(BUDGET);
    const { error } = await refusal(ask("/v1/chat", "Hello?"));
    expect(error).toBe("No more questions can be answered at the moment. Please try again later.");
  });

  test("is full again on the next day", async () => {
    await spend(BUDGET);
    visitors.app.clock.advance(12 * HOUR_MS);
    expect((await ask("/v1/chat", "Hello?")).status).toBe(200);
  });

  test("of a month refuses until the month is over", async () => {
    await visitors.close();
    await start({ BUDGET_PER_DAY: "", BUDGET_PER_MONTH: String(BUDGET) });
    await spend(BUDGET, "2026-11-01");
    const { code, retryAfter } = await refusal(ask("/v1/chat", "Hello?"));
    expect(code).toBe("budget_reached");
    expect(retryAfter).toBe(String((7.5 * 24 * HOUR_MS) / SECOND_MS));
  });

  test("asks to come again soon while only an answer under way is in the way", async () => {
    const ben = await visitors.mint();
    visitors.model.hold();
    await visitors.begin(ben, "Hello?");
    const { held } = await spentToday();
    const size = held.inputTokens + held.outputTokens;
    expect(size).toBeGreaterThan(64);
    await spend(BUDGET - Math.floor(1.5 * size));
    expect(await refusal(ask("/v1/chat", "Hello?"))).toMatchObject({
      code: "budget_reached",
      retryAfter: "5",
    });
  });

  test("still joins a question that was asked before, and lets its answer be resumed", async () => {
    const key = { "idempotency-key": "key-1" };
    const first = await ask("/v1/chat", "Hello?", key);
    const { turnId, message } = (await first.json()) as Record<string, string>;
    await spend(BUDGET);
    const again = await ask("/v1/chat", "Hello?", key);
    expect(await again.json()).toMatchObject({ turnId, message });
    const resumed = await visitors.resume(turnId ?? "", ada.token);
    expect(await resumed.text()).toContain('"type":"done"');
    expect((await refusal(ask("/v1/chat", "And now?"))).code).toBe("budget_reached");
  });

  test("counts an answer once, with what was set aside freed", async () => {
    await (await ask("/v1/chat", "Hello?")).json();
    const { held, inputTokens, outputTokens } = await spentToday();
    expect(held).toEqual({ inputTokens: 0, outputTokens: 0, cost: 0 });
    expect(inputTokens).toBeGreaterThan(0);
    expect(outputTokens).toBe(4);
  });

  test("shows as its state and in the metrics how much of it is used", async () => {
    await spend(0.8 * BUDGET);
    expect(await visitors.app.spending.state()).toEqual({
      day: { spent: 0.8 * BUDGET, held: 0, limit: BUDGET },
      share: 0.8,
    });
    const metrics = await visitors.app.fetch("/metrics", {
      headers: { authorization: "Bearer metrics-key-for-tests-0123456789" },
    });
    expect(await metrics.text()).toContain('chatporch_budget_ratio{period="day"} 0.8');
  });
});

describe("while the model is off", () => {
  const turn = (to: "on" | "off") =>
    visitors.app.settings.change({ MODEL_CALLS: to }, { by: "the owner" });

  test.each(PATHS)(
    "a question at %s is refused with the owner's sentence, and nothing is stored",
    async (path) => {
      await turn("off");
      expect(await refusal(ask(path, "Hello?"))).toEqual({
        status: 503,
        code: "model_off",
        error: SENTENCE,
        retryAfter: null,
      });
      expect(await isStored()).toBe(false);
      await turn("on");
      expect((await ask(path, "Hello?")).status).toBe(200);
    },
  );

  test("an answer under way is cut off, and its visitor reads why", async () => {
    visitors.model.hold();
    const reading = followBody(await ask("/v1/chat/stream", "Hello?"));
    await reading.until("Hello");
    await turn("off");
    const text = await reading.until('"type":"error"');
    expect(text).toContain('"code":"model_off"');
    const history = await (await visitors.history(`sessionId=${ada.id}`, ada.token)).json();
    expect(history).toMatchObject({
      messages: [{ role: "user" }, { status: "interrupted", content: "Hello" }],
    });
    await until(async () => (await spentToday()).held.outputTokens === 0);
    expect((await spentToday()).inputTokens).toBeGreaterThan(0);
  });

  test("questions to a person who has taken over are stored all the same", async () => {
    await (await ask("/v1/chat", "Hello?")).json();
    const conversation = await visitors.app.store.findConversationBySession(ada.id);
    await visitors.app.fetch(`/v1/admin/conversations/${conversation?.id}/takeover`, {
      method: "POST",
      headers: { "x-admin-api-key": "admin-key-for-tests-01234567890" },
    });
    await turn("off");
    expect((await ask("/v1/chat", "Are you there?")).status).toBe(200);
    const history = await (await visitors.history(`sessionId=${ada.id}`, ada.token)).json();
    expect(JSON.stringify(history)).toContain("Are you there?");
  });
});
