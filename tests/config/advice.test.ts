import { describe, expect, test } from "bun:test";

import { adviseOn } from "../../src/config/advice.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Env } from "../../src/config/setting-reader.ts";

const GOOD: Env = {
  NODE_ENV: "production",
  OPENAI_API_KEY: "sk-proj-0123456789",
  WIDGET_API_KEY: "m3Fy6Gp9Rk2Ua5Bv8Ez1Dx4N",
  ADMIN_API_KEY: "k5R8zQ1mW7xT3vB9nC4pL6s2",
  DASHBOARD_PASSWORD: "correct horse battery",
  CORS_ORIGIN: "https://www.example.com",
  PUBLIC_URL: "https://chat.example.com",
};

function ids(env: Env, facts: { hasUntrustedProxy?: boolean; address?: string } = {}): string[] {
  const { config, advice } = loadConfig(env, () => "");
  return adviseOn({ config, advice, ...facts }).map(({ id }) => id);
}

describe("advice", () => {
  test("is silent about a server that is set up well", () => {
    expect(ids(GOOD)).toEqual([]);
    expect(ids({ ...GOOD, BUDGET_PER_DAY: "5" })).toEqual([]);
    expect(ids({ ...GOOD, PERSON: "poor", NTFY_URL: "https://ntfy.sh/shop" })).toEqual([]);
  });

  test.each([
    ["an https address in development", { NODE_ENV: "development" }, "https-in-development"],
    ["no PUBLIC_URL", { PUBLIC_URL: "" }, "no-public-url"],
    ["no model", { OPENAI_API_KEY: "" }, "no-model"],
    ["no website", { CORS_ORIGIN: "" }, "no-website"],
    ["no admin key", { ADMIN_API_KEY: "" }, "admin-api-off"],
    ["a database in memory", { DATABASE_PATH: ":memory:" }, "memory-database"],
    [
      "a key made for development",
      { WIDGET_API_KEY: `dev_${GOOD.WIDGET_API_KEY}` },
      "development-key",
    ],
    ["a website over http", { CORS_ORIGIN: "http://www.example.com" }, "plain-origin"],
    ["websites over http", { CORS_ORIGIN: "http://*.example.com" }, "plain-origin"],
    ["requests for a person that nobody hears of", { PERSON: "poor" }, "unreported-requests"],
    [
      "the same with a channel that does not want them",
      { PERSON: "always", NTFY_URL: "https://ntfy.sh/shop", NTFY_EVENTS: "answer.failed" },
      "unreported-requests",
    ],
    ["mail without a server", { MAIL_TO: "me@example.com" }, "incomplete-channel"],
    [
      "Telegram without a chat",
      { TELEGRAM_TOKEN: `12345:${"a".repeat(35)}` },
      "incomplete-channel",
    ],
    ["a model that is off", { MODEL_CALLS: "off" }, "model-off"],
    [
      "a budget in money without room for an answer",
      { BUDGET_PER_DAY: "0.0001" },
      "budget-too-small",
    ],
    [
      "a budget in tokens without room for an answer",
      { BUDGET_UNIT: "tokens", BUDGET_PER_MONTH: "1000" },
      "budget-too-small",
    ],
    [
      "a budget that a crowd can use up",
      { BUDGET_PER_DAY: "5", PROOF_OF_WORK: "off" },
      "budget-without-proof",
    ],
    ["a typo", { WIDGET_API_KEYS: "x" }, "unknown-setting"],
    ["a placeholder", { METRICS_KEY: "change-me" }, "example-secret"],
  ])("is given about %s", (_name, env: Env, id) => {
    expect(ids({ ...GOOD, ...env })).toEqual([id]);
  });

  test.each([
    ["https://example.com", true],
    ["https://example.com/chat", true],
    ["https://example.co.uk", true],
    ["https://chat.example.com", false],
    ["https://chat.example.co.uk", false],
    ["http://example.com", false],
    ["https://192.0.2.1", false],
  ])("is given about https on all subdomains at %s: %p", (PUBLIC_URL, isGiven) => {
    const expected = isGiven ? ["https-on-whole-domain"] : [];
    expect(ids({ ...GOOD, PUBLIC_URL })).toEqual(expected);
    expect(ids({ ...GOOD, PUBLIC_URL, HSTS: "host" })).toEqual([]);
    expect(ids({ ...GOOD, PUBLIC_URL, HSTS: "off" })).toEqual([]);
  });

  test.each([
    "github.io",
    "gitlab.io",
    "pages.dev",
    "netlify.app",
    "vercel.app",
    "web.app",
    "herokuapp.com",
    "azurewebsites.net",
    "myshopify.com",
    "co.uk",
    "com.au",
  ])("is given about https://*.%s, where anybody can have a website", (domain) => {
    expect(ids({ ...GOOD, CORS_ORIGIN: `https://*.${domain}` })).toEqual(["shared-domain"]);
    expect(ids({ ...GOOD, CORS_ORIGIN: `https://shop.${domain}` })).toEqual([]);
    expect(ids({ ...GOOD, CORS_ORIGIN: `https://*.shop.${domain}` })).toEqual([]);
  });

  test.each(["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]", "app://bundle"])(
    "is not given about %s, which is reached without a network",
    (origin) => {
      expect(ids({ ...GOOD, CORS_ORIGIN: origin })).toEqual([]);
    },
  );

  test("in development names the demo model, the websites, the key and a short password", () => {
    const found = ids({
      DASHBOARD_PASSWORD: "short",
      WIDGET_API_KEY: `dev_${GOOD.WIDGET_API_KEY}`,
    });
    expect(found).toEqual([
      "weak-password",
      "any-origin",
      "development-key",
      "demo-model",
      "admin-api-off",
    ]);
  });

  test("is given about a development server that other machines can reach", () => {
    const env = { ...GOOD, NODE_ENV: "development", PUBLIC_URL: "" };
    expect(ids({ ...env, HOST: "0.0.0.0" })).toEqual(["open-in-development"]);
    for (const HOST of ["127.0.0.1", "::1", "localhost"]) expect(ids({ ...env, HOST })).toEqual([]);
  });

  test("follows what the server sees while it runs, the most severe advice first", () => {
    expect(ids({ ...GOOD, PUBLIC_URL: "" }, { hasUntrustedProxy: true })).toEqual([
      "untrusted-proxy",
      "no-public-url",
    ]);
    const development = { ...GOOD, NODE_ENV: "development", PUBLIC_URL: "" };
    expect(ids(development, { address: "https://chat.example.com" })).toEqual([
      "https-in-development",
    ]);
    expect(ids(development, { address: "http://127.0.0.1:4000" })).toEqual([]);
  });

  test("says what to do, in whole sentences", () => {
    const { config, advice } = loadConfig({ CORS_ORIGINS: "x", HOST: "::" }, () => "");
    for (const { says, mend } of adviseOn({ config, advice, hasUntrustedProxy: true })) {
      expect(says).toMatch(/[.?]$/);
      expect(mend.length).toBeGreaterThan(5);
    }
  });
});
