import { describe, expect, test } from "bun:test";

import { loadConfig } from "../../src/config/load.ts";
import { knownPrices } from "../../src/config/model-prices.ts";
import { pricesInForce } from "../../src/config/spending.ts";

describe("the list of prices", () => {
  test("has the model that is asked where none is named", () => {
    const { config } = loadConfig({ OPENAI_API_KEY: "sk-0123456789" }, () => "");
    expect(pricesInForce(config)).toEqual({ input: 0.1, output: 0.5 });
  });

  test.each([
    ["gpt-4.1-mini-2025-04-14", 0.4],
    ["openai/gpt-4.1-mini", 0.4],
    ["claude-haiku-4-5-20251001", 1],
    ["anthropic/claude-haiku-4.5", 1],
    ["gemini-2.5-flash-001", 0.3],
    ["GPT-5", 1.25],
  ])("knows %s, also with a version and a provider", (name, input) => {
    expect(knownPrices(name)?.input).toBe(input);
  });

  test.each([
    "gpt-5-pro",
    "gpt-6-luna-pro",
    "gpt-4.1-mini-search-preview",
    "grok-4.7-fast",
    "qwen3",
    "",
  ])("does not take %s for another model", (name) => {
    expect(knownPrices(name)).toBeUndefined();
  });

  test("is in dollars: in another currency, only the owner's prices count", () => {
    const env = { OPENAI_API_KEY: "sk-0123456789", OPENAI_MODEL: "gpt-5" };
    const { config } = loadConfig({ ...env, CURRENCY: "EUR" }, () => "");
    expect(pricesInForce(config)).toBeUndefined();
    const own = loadConfig(
      { ...env, CURRENCY: "eur", PRICE_INPUT: "1", PRICE_OUTPUT: "9.5" },
      () => "",
    );
    expect(pricesInForce(own.config)).toEqual({ input: 1, output: 9.5 });
  });

  test("is not needed by a model that costs nothing", () => {
    const { config } = loadConfig({ NODE_ENV: "development" }, () => "");
    expect(config.model.kind).toBe("demo");
    expect(pricesInForce(config)).toEqual({ input: 0, output: 0 });
  });
});
