import { afterEach, describe, expect, mock, spyOn, test } from "bun:test";

import { askFromEverywhere } from "../../harness/address-crowd.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { UTC_DAYS } from "../../src/runtime/local-days.ts";
import { periodsOf } from "../../src/spending/periods.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/** Once 80 % of a budget are used, every question needs a proof of work, also the first one of an address. */

const PROGRAM_KEY = "program-key-for-tests-0123456789";
const BUDGET = 1_000_000;

let app: TestApp;
afterEach(async () => {
  mock.restore();
  await app.close();
});

/** Makes time pass with each look at the clock: what a server keeps for a moment, it reads anew after some questions. */
function hurryTime(): void {
  const now = performance.now.bind(performance);
  let passedMs = 0;
  spyOn(performance, "now").mockImplementation(() => now() + (passedMs += 5));
}

/** A server of which so much of a budget is spent. */
async function start(spent: number, env: Record<string, string>): Promise<void> {
  const store = openSqliteStore(":memory:");
  const periods = periodsOf(UTC_DAYS.dayOf(new FakeClock().now()));
  const amount = { inputTokens: spent, outputTokens: 0, cost: spent };
  await store.settle("before", { ...periods, amount, isReserved: false });
  app = createTestApp({
    env: { TIME_ZONE: "UTC", PROGRAM_API_KEY: PROGRAM_KEY, TRUST_PROXY: "1", ...env },
    store,
    peerAddress: () => "127.0.0.1",
  });
}

async function ask(headers: Record<string, string> = {}): Promise<unknown> {
  const body = { sessionId: "visitor-1", message: "Hi" };
  const response = await app.fetch("/v1/chat", chatRequest(body, headers));
  const { code }: { code?: string } = JSON.parse(await response.text());
  return code ?? response.status;
}

describe.each([
  ["a day", { BUDGET_UNIT: "tokens", BUDGET_PER_DAY: `${BUDGET}` }],
  ["a month", { BUDGET_UNIT: "tokens", BUDGET_PER_MONTH: `${BUDGET}` }],
])("with a budget for %s", (_period, budget) => {
  test("no first question needs a proof while less than 80 % are spent", async () => {
    await start(BUDGET * 0.8 - 10, budget);
    expect(await ask()).toBe(200);
  });

  test("every question needs a proof once 80 % are spent", async () => {
    await start(BUDGET * 0.8, budget);
    expect(await ask()).toBe("proof_required");
    expect(await ask({ "x-api-key": PROGRAM_KEY })).toBe(200);
  });

  test("no question needs a proof once none is answered any more", async () => {
    await start(BUDGET, { ...budget, RATE_LIMIT_MAX_REQUESTS: "4" });
    // Not even from an address that has used most of its limit.
    for (let n = 0; n < 4; n++) expect(await ask()).toBe("budget_reached");
  });

  test("no question needs a proof if the owner wants none", async () => {
    await start(BUDGET * 0.8, { ...budget, PROOF_OF_WORK: "off" });
    expect(await ask()).toBe(200);
  });
});

test("a crowd that solves nothing leaves a fifth of the budget to those who do", async () => {
  const usage = { promptTokens: 100, completionTokens: 300, totalTokens: 400 };
  let calls = 0;
  const model: ChatModel = {
    name: "test-model",
    stream: () => Promise.reject(new Error("Nobody streams here.")),
    async complete() {
      calls += 1;
      return { text: "A word or two. ".repeat(80), finishReason: "stop", usage };
    },
  };
  const answers = 250;
  app = createTestApp({
    env: {
      TRUST_PROXY: "1",
      MAX_OUTPUT_TOKENS: "300",
      KNOWLEDGE_MODE: "off",
      BUDGET_UNIT: "tokens",
      BUDGET_PER_DAY: `${answers * usage.totalTokens}`,
    },
    model,
    peerAddress: () => "127.0.0.1",
  });
  hurryTime();
  const question = "Do you ship to Norway, and how long does it take? ".repeat(4).trim();
  const asks = { fetch: app.fetch, widgetKey: WIDGET_KEY, question, questions: 1 };
  await askFromEverywhere({ ...asks, addresses: 2 * answers, solves: false });
  expect(calls).toBeLessThanOrEqual(0.85 * answers);
  expect(calls).toBeGreaterThan(0.5 * answers);
  const people = { addresses: 10, first: 10_000, solves: true };
  expect(await askFromEverywhere({ ...asks, ...people })).toMatchObject({
    answered: 10,
    refused: {},
  });
});
