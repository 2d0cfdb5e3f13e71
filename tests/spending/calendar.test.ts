import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { HOUR_MS, SECOND_MS } from "../../src/runtime/time.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** Budgets begin anew with the days and months of the owner's calendar, whatever the clocks do. */

/** An answer of the scripted model is reported as 18 tokens, and less than twice as much is reserved for it. */
const ROOM_FOR_ONE = "45";
const SPENT_BY_ONE = 18;
const ENV: Env = {
  KNOWLEDGE_MODE: "off",
  SYSTEM_PROMPT: "Be kind.",
  MAX_OUTPUT_TOKENS: "20",
  BUDGET_UNIT: "tokens",
  PROOF_OF_WORK: "off",
};
const ENV_OF_DAY: Env = { ...ENV, BUDGET_SHARE: "100", BUDGET_PER_DAY: ROOM_FOR_ONE };
const ENV_OF_MONTH: Env = { ...ENV, BUDGET_SHARE: "100", BUDGET_PER_MONTH: ROOM_FOR_ONE };

const QUESTION = { sessionId: "visitor-of-last-night", message: "Hi" };
const BY = { by: "the owner" };

let model: ModelServer;
let app: TestApp | undefined;
let visitors = 0;

beforeAll(() => {
  model = startModelServer();
});
afterEach(async () => {
  model.script = answer("Hello there");
  await app?.close();
  app = undefined;
});
afterAll(() => model.stop());

function startApp(env: Env): TestApp {
  app = createTestApp({ modelUrl: model.url, env });
  return app;
}

function setClock({ clock }: TestApp, time: string): void {
  clock.advance(Date.parse(time) - clock.now());
}

function ask({ fetch }: TestApp): Response | Promise<Response> {
  visitors += 1;
  return fetch("/v1/chat", chatRequest({ sessionId: `visitor-${visitors}`, message: "Hi" }));
}

async function expectAnswered(asked: TestApp): Promise<void> {
  expect((await ask(asked)).status).toBe(200);
}

/** Refused, until the period ends. */
async function expectRefused(asked: TestApp, endsInMs: number): Promise<void> {
  const response = await ask(asked);
  const retryAfter = response.headers.get("retry-after");
  const { code } = (await response.json()) as { readonly code: string };
  expect({ status: response.status, code, retryAfter: Number(retryAfter) }).toEqual({
    status: 503,
    code: "budget_reached",
    retryAfter: Math.ceil(endsInMs / SECOND_MS),
  });
}

async function spentIn({ store }: TestApp, ...periods: readonly string[]): Promise<number[]> {
  const sums = await store.spentIn(periods);
  return sums.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens);
}

test.each([
  // The days on which clocks are set forward and back are 23 and 25 hours long.
  ["Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-29", 23],
  ["Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-25", 25],
  ["America/Santiago", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z", "2026-09-06", 23],
  ["Pacific/Auckland", "2026-11-25T11:00:00Z", "2026-11-26T11:00:00Z", "2026-11-26", 24],
  ["UTC", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12-31", 24],
])(
  "in %s the budget of the day that begins at %s holds until %s",
  async (zone, begin, end, day, hours) => {
    const asked = startApp({ ...ENV_OF_DAY, TIME_ZONE: zone });
    const lengthMs = Date.parse(end) - Date.parse(begin);
    expect(lengthMs).toBe(hours * HOUR_MS);
    setClock(asked, begin);
    asked.clock.advance(-SECOND_MS);
    await expectAnswered(asked);
    await expectRefused(asked, SECOND_MS);
    setClock(asked, begin);
    await expectAnswered(asked);
    await expectRefused(asked, lengthMs);
    asked.clock.advance(lengthMs - SECOND_MS);
    await expectRefused(asked, SECOND_MS);
    asked.clock.advance(SECOND_MS);
    await expectAnswered(asked);
    expect(await spentIn(asked, day)).toEqual([SPENT_BY_ONE]);
  },
);

test("the budget of a month holds over a clock that is set, until the month ends in the owner's zone", async () => {
  const asked = startApp({ ...ENV_OF_MONTH, TIME_ZONE: "Europe/Berlin" });
  setClock(asked, "2026-09-30T22:00:00Z");
  await expectAnswered(asked);
  // October has 31 days and an hour.
  await expectRefused(asked, (31 * 24 + 1) * HOUR_MS);
  setClock(asked, "2026-10-31T22:59:59Z");
  await expectRefused(asked, SECOND_MS);
  setClock(asked, "2026-10-31T23:00:00Z");
  await expectAnswered(asked);
  expect(await spentIn(asked, "2026-10", "2026-11")).toEqual([SPENT_BY_ONE, SPENT_BY_ONE]);
});

test("a clock that is set back over midnight and over a month's end finds what is spent already", async () => {
  const asked = startApp({ ...ENV_OF_DAY, BUDGET_PER_MONTH: "1000" });
  setClock(asked, "2026-11-30T23:59:50Z");
  await expectAnswered(asked);
  setClock(asked, "2026-12-01T00:00:10Z");
  await expectAnswered(asked);
  setClock(asked, "2026-11-30T23:59:55Z");
  await expectRefused(asked, 5 * SECOND_MS);
  setClock(asked, "2026-12-01T00:00:11Z");
  await expectRefused(asked, 24 * HOUR_MS - 11 * SECOND_MS);
  const periods = ["2026-11-30", "2026-12-01", "2026-11", "2026-12"];
  expect(await spentIn(asked, ...periods)).toEqual(periods.map(() => SPENT_BY_ONE));
});

test("an answer over midnight is counted to the day and month of its question", async () => {
  const asked = startApp({ ...ENV_OF_DAY, BUDGET_PER_MONTH: "1000" });
  model.script = silence;
  setClock(asked, "2026-11-30T23:59:59Z");
  const asking = model.call(model.calls.length);
  const response = await asked.fetch("/v1/chat/stream", chatRequest(QUESTION));
  const call = await asking;
  setClock(asked, "2026-12-01T00:00:01Z");
  // What is reserved for yesterday's answer is not in the way of today's.
  model.script = answer("Hello there");
  await expectAnswered(asked);
  call.token("Hello there");
  call.finish();
  await response.text();
  const periods = ["2026-11-30", "2026-12-01", "2026-11", "2026-12"];
  expect(await spentIn(asked, ...periods)).toEqual(periods.map(() => SPENT_BY_ONE));
});

test("another time zone of the owner begins no period anew", async () => {
  const asked = startApp(ENV_OF_DAY);
  setClock(asked, "2026-11-25T23:30:00Z");
  await expectAnswered(asked);
  const { settings } = asked;
  await settings.change({ TIME_ZONE: "Europe/Berlin" }, BY);
  await expectAnswered(asked);
  await settings.change({ TIME_ZONE: "UTC" }, BY);
  await expectRefused(asked, HOUR_MS / 2);
  expect(await spentIn(asked, "2026-11-25", "2026-11-26")).toEqual([SPENT_BY_ONE, SPENT_BY_ONE]);
});
