import { afterEach, expect, test } from "bun:test";

import { type AddressCrowd, askFromEverywhere } from "../../harness/address-crowd.ts";
import { createObservedModel } from "../support/observed.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/** What a crowd of addresses gets, each of which asks as much as it may (scripts/bench/proof-crowd.ts has a larger one). */

const LIMIT = 4;

let app: TestApp;
afterEach(() => app.close());

/** Returns how often the model was asked, and what became of the questions. */
async function ask(mode: "on" | "off", crowd: Pick<AddressCrowd, "addresses" | "solves">) {
  const model = createObservedModel();
  app = createTestApp({
    env: { PROOF_OF_WORK: mode, TRUST_PROXY: "1", RATE_LIMIT_MAX_REQUESTS: `${LIMIT}` },
    model: model.part,
    peerAddress: () => "127.0.0.1",
  });
  const { fetch } = app;
  const asks = { fetch, widgetKey: WIDGET_KEY, question: "Hi", questions: LIMIT };
  const tally = await askFromEverywhere({ ...asks, ...crowd });
  return { ...tally, calls: model.calls.length };
}

test("a crowd that solves nothing gets half of what it would get without a proof of work", async () => {
  const crowd = { addresses: 300, solves: false };
  expect(await ask("off", crowd)).toMatchObject({ calls: 1200, answered: 1200, refused: {} });
  await app.close();
  const refused = { proof_required: 600 };
  expect(await ask("on", crowd)).toMatchObject({ calls: 600, answered: 600, refused });
});

test("a crowd that solves pays for its questions, each address for its own", async () => {
  const { calls, solved, refused } = await ask("on", { addresses: 30, solves: true });
  // The third question of each is asked twice, so that its fourth is one too many.
  expect({ calls, solved, refused }).toEqual({
    calls: 90,
    solved: 30,
    refused: { rate_limited: 30 },
  });
});
