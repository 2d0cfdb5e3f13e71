import { afterEach, beforeEach, expect, test } from "bun:test";

import { expectError, readAnswer } from "../support/answers.ts";
import { ADMIN_KEY, chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;
beforeEach(() => {
  app = createTestApp({
    env: {
      OPENAI_API_KEY: "sk-upstream",
      PRICE_INPUT: "2",
      PRICE_OUTPUT: "10",
      CURRENCY: "EUR",
      BUDGET_PER_DAY: "3.5",
      TIME_ZONE: "Pacific/Auckland",
    },
  });
});
afterEach(() => app.close());

function read(query = "") {
  return app.fetch(`/v1/admin/spending${query}`, { headers: { "x-admin-api-key": ADMIN_KEY } });
}

test("what the model costs is shown for the owner's day and month, and for the days before", async () => {
  const amount = { inputTokens: 1000, outputTokens: 100, cost: 3000 };
  for (const day of ["2026-11-24", "2026-11-23", "2026-10-30"]) {
    const month = day.slice(0, 7);
    await app.store.settle(`c_${day}`, { day, month, amount, isReserved: false });
  }
  await app.fetch("/v1/chat", chatRequest({ sessionId: "ada", message: "Hello?" }));
  const answer = await (await read("?days=2")).json();
  const { day, month, days, ...rest } = answer as Record<string, unknown>;
  expect(rest).toEqual({
    isModelOn: true,
    unit: "money",
    currency: "EUR",
    prices: { input: 2, output: 10 },
  });
  // At noon in UTC, it is the next day in Auckland.
  const none = { inputTokens: 0, outputTokens: 0, cost: 0 };
  expect(day).toMatchObject({ period: "2026-11-24", held: none, budget: 3_500_000 });
  expect(month).toMatchObject({ period: "2026-11", held: none });
  expect(month).not.toHaveProperty("budget");
  expect(days).toEqual([
    { day: "2026-11-23", ...amount },
    { day: "2026-11-24", ...(day as { spent: object }).spent },
  ]);
});

test.each(["0", "367", "1e2", "-1", ""])("?days=%s is refused", async (days) => {
  expectError(await readAnswer(await read(`?days=${days}`)), "invalid_request");
});
