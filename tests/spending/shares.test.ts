import { afterEach, beforeEach, expect, test } from "bun:test";

import { createRandom } from "../../harness/faults/random.ts";
import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { CountingModel } from "../../harness/spending/counting-model.ts";
import { planTurns, questionOf } from "../../harness/spending/planned-turn.ts";
import { HOUR_MS, SECOND_MS } from "../../src/runtime/time.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** One visitor may use 5 % of the day's budget, however many addresses and sessions he has. */

const BUDGET = 100_000;
const SHARE = BUDGET / 20;
/** More questions than a share has room for, and fewer than the budget has. */
const ENOUGH = 200;
/** The clock of the tests stands at noon. */
const LEFT_OF_DAY_MS = 12 * HOUR_MS;

let count: CountingModel;
let model: ModelServer;
let app: TestApp;

beforeEach(() => {
  count = new CountingModel();
  model = startModelServer(count.script);
  app = createTestApp({
    modelUrl: model.url,
    env: {
      KNOWLEDGE_MODE: "off",
      SYSTEM_PROMPT: "Be kind.",
      MAX_OUTPUT_TOKENS: "64",
      // A share has room for one answer at least, with all of its conversation.
      MAX_HISTORY_TOKENS: "300",
      BUDGET_UNIT: "tokens",
      BUDGET_PER_DAY: String(BUDGET),
      TRUST_PROXY: "1",
      PROOF_OF_WORK: "off",
    },
  });
});
afterEach(async () => {
  await app.close();
  await model.stop();
});

interface Asker {
  readonly sessionId: string;
  readonly address: string;
}

const plan = planTurns(createRandom(5), ["refused", "cut", "silent", "late"]);

function ask({ sessionId, address }: Asker, number: number): Response | Promise<Response> {
  const message = questionOf({ ...plan(number), number });
  return app.fetch("/v1/chat", chatRequest({ sessionId, message }, { "x-forwarded-for": address }));
}

/** Asks until the share is used up. Returns how many answers there were. */
async function askUntilRefused(askerOf: (asked: number) => Asker): Promise<number> {
  for (let asked = 1; asked <= ENOUGH; asked += 1) {
    const response = await ask(askerOf(asked), asked);
    if (response.status === 200) continue;
    expect(await response.json()).toMatchObject({ code: "share_reached" });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe(String(LEFT_OF_DAY_MS / SECOND_MS));
    return asked - 1;
  }
  throw new Error("The share was never used up.");
}

const STRANGER: Asker = { sessionId: "stranger", address: "198.51.100.7" };

test.each<[string, (asked: number) => Asker]>([
  [
    "a session that comes from ever new addresses",
    (asked) => ({ sessionId: "one", address: `10.0.${asked}.1` }),
  ],
  [
    "an IPv4 address with ever new sessions",
    (asked) => ({ sessionId: `session-${asked}`, address: "203.0.113.9" }),
  ],
  [
    "a /64 of IPv6",
    (asked) => ({ sessionId: `session-${asked}`, address: `2001:db8:1:2::${asked.toString(16)}` }),
  ],
  [
    "a /48 of IPv6",
    (asked) => ({ sessionId: `session-${asked}`, address: `2001:db8:1:${asked.toString(16)}::1` }),
  ],
])("%s gets a twentieth of the day's budget, and the others go on", async (_, askerOf) => {
  const answers = await askUntilRefused(askerOf);
  expect(answers).toBeGreaterThan(10);
  const { inputTokens, outputTokens } = count.counted;
  expect(inputTokens + outputTokens).toBeLessThanOrEqual(SHARE);
  // An answer more would have had no room: nothing of the share is lost.
  expect(inputTokens + outputTokens).toBeGreaterThan(SHARE / 2);
  expect((await ask(STRANGER, 1)).status).toBe(200);
  // The next day is another one.
  app.clock.advance(LEFT_OF_DAY_MS);
  expect((await ask(askerOf(1), 1)).status).toBe(200);
});

test("a share of the whole budget limits nobody", async () => {
  await app.settings.change({ BUDGET_SHARE: "100" }, { by: "the owner" });
  const asker = { sessionId: "one", address: "203.0.113.9" };
  for (let asked = 1; asked <= ENOUGH / 4; asked += 1) {
    expect((await ask(asker, asked)).status).toBe(200);
  }
});
