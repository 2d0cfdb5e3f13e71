import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import type { EmbeddingModel } from "../../src/model/embedding-model.ts";
import { type ChatModel, ModelError, type ModelRequest } from "../../src/model/model.ts";
import { RefusedCall } from "../../src/spending/refused-call.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

/** Calls of the model for which no visitor waits: they are counted and refused as those that visitors wait for. */

const ENV = {
  OPENAI_API_KEY: "sk-upstream",
  PRICE_INPUT: "2",
  PRICE_OUTPUT: "10",
  BUDGET_PER_DAY: "1",
  EMBEDDING_MODEL: "text-embedding-3-small",
};
const ASKED: ModelRequest = {
  systemPrompt: "Be kind.",
  history: [{ role: "user", content: "When do you open?" }],
  maxOutputTokens: 100,
};
const USAGE = { promptTokens: 20, completionTokens: 5, totalTokens: 25 };
const NEVER = new AbortController().signal;
const NONE = { inputTokens: 0, outputTokens: 0, cost: 0 };

let app: TestApp;
beforeEach(() => {
  app = createTestApp({ env: ENV });
});
afterEach(() => app.close());

function metered(over: Partial<ChatModel> = {}): ChatModel {
  const model: ChatModel = {
    name: "paid",
    async *stream() {},
    complete: async () => ({ text: "At nine.", finishReason: "stop", usage: USAGE }),
    ...over,
  } as ChatModel;
  return app.spending.metered(model, () => app.config.model);
}

function streaming(deltas: () => AsyncGenerator<object>): ChatModel {
  return metered({ stream: async () => deltas() as AsyncGenerator<{ tokens: string[] }> });
}

async function readAll(model: ChatModel): Promise<void> {
  for await (const _ of await model.stream(ASKED, NEVER));
}

async function today() {
  const [sum] = await app.store.spentIn(["2026-11-23"]);
  const { period: _, held, ...spent } = sum ?? { period: "", held: NONE, ...NONE };
  return { spent, held };
}

async function spendAll(): Promise<void> {
  const amount = { ...NONE, cost: 1_000_000 };
  const spent = { day: "2026-11-23", month: "2026-11", amount, isReserved: false };
  await app.store.settle("c_before", spent);
}

describe("a metered model", () => {
  test("counts a whole answer as its server reports it", async () => {
    await metered().complete(ASKED, NEVER);
    const spent = { inputTokens: 20, outputTokens: 5, cost: 90 };
    expect(await today()).toEqual({ spent, held: NONE });
    expect(app.metrics.write()).toContain("chatporch_spent_cost_total 0.00009");
  });

  test("sets aside what a streamed answer may cost while it comes, and then counts it", async () => {
    let during = NONE;
    const model = streaming(async function* () {
      yield { tokens: ["At "] };
      during = (await today()).held;
      yield { tokens: ["nine."], finishReason: "stop", usage: USAGE };
    });
    await readAll(model);
    expect(during).toMatchObject({ outputTokens: 100 });
    expect(await today()).toEqual({
      spent: { inputTokens: 20, outputTokens: 5, cost: 90 },
      held: NONE,
    });
  });

  test("counts the received text of a stream that nobody reads to its end", async () => {
    const model = streaming(async function* () {
      for (;;) yield { tokens: ["word "] };
    });
    let read = 0;
    for await (const _ of await model.stream(ASKED, NEVER)) if ((read += 1) === 7) break;
    expect((await today()).spent.outputTokens).toBe(12);
    expect((await today()).held).toEqual(NONE);
  });

  test("counts nothing where the server refuses, and everything where the connection breaks", async () => {
    const details = { says: "no", mend: "?", isFree: true };
    const refused = metered({
      complete: () => Promise.reject(new ModelError("model_error", "no", undefined, details)),
    });
    await expect(refused.complete(ASKED, NEVER)).rejects.toThrow("no");
    expect((await today()).spent).toEqual(NONE);
    const broken = metered({
      stream: () => Promise.reject(new ModelError("model_error", "it broke")),
    });
    await expect(broken.stream(ASKED, NEVER)).rejects.toThrow("it broke");
    expect((await today()).spent).toMatchObject({ outputTokens: 100 });
    expect((await today()).held).toEqual(NONE);
  });

  test("is not asked where the budget has no room, or the model is off", async () => {
    let asked = 0;
    const model = metered({
      async complete() {
        asked += 1;
        return { text: "At nine.", finishReason: "stop" };
      },
    });
    await spendAll();
    const refusal = model.complete(ASKED, NEVER);
    await expect(refusal).rejects.toBeInstanceOf(RefusedCall);
    await expect(refusal).rejects.toThrow("the budget has no room for it");
    await app.settings.change({ MODEL_CALLS: "off" }, { by: "the owner" });
    await expect(model.stream(ASKED, NEVER)).rejects.toThrow("it is switched off");
    expect(asked).toBe(0);
    expect(app.metrics.write()).toContain(
      'chatporch_model_calls_refused_total{reason="model_off"} 1',
    );
  });
});

test("a metered answer that is under way ends when the model is switched off", async () => {
  const model = metered({
    async stream(_asked, signal) {
      return (async function* () {
        yield { tokens: ["At "] };
        const ended = new Promise((resolve) => signal.addEventListener("abort", resolve));
        void app.settings.change({ MODEL_CALLS: "off" }, { by: "the owner" });
        await ended;
      })();
    },
  });
  for await (const _ of await model.stream(ASKED, NEVER));
  expect((await today()).held).toEqual(NONE);
  expect((await today()).spent.outputTokens).toBe(1);
});

describe("a metered model for embeddings", () => {
  const vectors: EmbeddingModel = {
    key: "k",
    embed: async (texts) => texts.map(() => Float32Array.of(1)),
  };

  test("counts what it reads, at the price that is known of it", async () => {
    const model = app.spending.meteredEmbeddings(vectors, "text-embedding-3-small");
    await model.embed(["a".repeat(3000), "b".repeat(3000)], NEVER);
    // 2 × 1,004 tokens at 0.02.
    expect(await today()).toEqual({
      spent: { inputTokens: 2008, outputTokens: 0, cost: 41 },
      held: NONE,
    });
  });

  test.each<[string, unknown, number]>([
    ["as its server reports it", 3000, 3000],
    ["by the texts, where that reports nothing", undefined, 1004],
    ["by the texts, where that reports less than they can have", 1, 1004],
    ["as no more than the texts can have", 1e9, 3016],
  ])("counts what it reads %s", async (_how, promptTokens, counted) => {
    const reporting: EmbeddingModel = {
      key: "k",
      async embed(_texts, _signal, report = {}) {
        report.promptTokens = promptTokens;
        return [Float32Array.of(1)];
      },
    };
    await app.spending.meteredEmbeddings(reporting, "e").embed(["7".repeat(3000)], NEVER);
    expect((await today()).spent.inputTokens).toBe(counted);
  });

  test("counts at the price of the model that answers where its own is not known", async () => {
    await app.spending.meteredEmbeddings(vectors, "my-embeddings").embed(["a".repeat(2988)], NEVER);
    expect((await today()).spent).toEqual({ inputTokens: 1000, outputTokens: 0, cost: 2000 });
  });

  test("is not asked where the budget has no room", async () => {
    await spendAll();
    const model = app.spending.meteredEmbeddings(vectors, "text-embedding-3-small");
    await expect(model.embed(["a".repeat(3000)], NEVER)).rejects.toBeInstanceOf(RefusedCall);
  });

  test("counts nothing while its server cannot be reached", async () => {
    const away = {
      ...vectors,
      embed: () =>
        Promise.reject(
          new ModelError("model_error", "away", undefined, { says: "", mend: "", isFree: true }),
        ),
    };
    const model = app.spending.meteredEmbeddings(away, "text-embedding-3-small");
    await expect(model.embed(["a"], NEVER)).rejects.toThrow("away");
    expect(await today()).toEqual({ spent: NONE, held: NONE });
  });
});
