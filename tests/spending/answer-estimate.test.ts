import { afterEach, beforeEach, expect, test } from "bun:test";

import { createTestApp, type TestApp } from "../support/test-app.ts";

/** What is set aside for a question is no less than its server can read in it. */

let app: TestApp;
beforeEach(() => {
  const env = { SYSTEM_PROMPT: "Be kind.", BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1000000" };
  app = createTestApp({ env });
});
afterEach(() => app.close());

async function setAsideFor(message: string): Promise<number> {
  const asked = { id: "t_1", owner: "", sessionId: "visitor-1", message };
  return (await app.spending.open(asked)).reservation?.inputTokens ?? 0;
}

// Some models have no longer tokens for these.
test.each([
  ["digits", "7".repeat(4000)],
  ["cuneiform", "\u{12000}".repeat(1000)],
  ["Ethiopic", "ሀ".repeat(1000)],
])("a question of %s has a token for each byte", async (_what, message) => {
  const added = (await setAsideFor(message)) - (await setAsideFor(""));
  expect(added).toBeGreaterThanOrEqual(Buffer.byteLength(message) - 4);
});
