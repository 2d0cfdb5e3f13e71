import { expect, test } from "bun:test";

import { secretsOf } from "../../src/config/config.ts";
import { settingsInForce } from "../../src/config/groups.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { NOTICE_EVENTS } from "../../src/conversation/notice-kinds.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 2).toString("base64")}`;
const TOKEN = "123456789:AAE-0123456789_0123456789abcdef";
const ENV: Env = {
  SMTP_URL: "smtps://chat:pass%40word@mail.example.com",
  MAIL_FROM: "Shop <chat@example.com>",
  MAIL_TO: "you@example.com, me@example.com",
  WEBHOOK_URL: "https://hooks.example.com/services/T0/B0/very-secret-path",
  WEBHOOK_SECRET: `${SECRET},${OTHER_SECRET}`,
  WEBHOOK_EVENTS: "visitor.wrote, answer.failed",
  NTFY_URL: "https://push.example.com/base/shop-alerts",
  NTFY_TOKEN: "tk_0123456789",
  TELEGRAM_TOKEN: TOKEN,
  TELEGRAM_CHAT: "-100123",
};

const load = (env: Env) => loadConfig({ NODE_ENV: "test", ...env }, () => "").config;

test("no channel is set up by default, and people who wait and spent budgets are what most of them report", () => {
  const { notices } = load({});
  const { mail, webhook, ntfy, telegram } = notices;
  expect([mail, webhook, ntfy, telegram]).toEqual([undefined, undefined, undefined, undefined]);
  const urgent = [
    "handoff.requested",
    "visitor.wrote",
    "budget.warning",
    "budget.reached",
  ] as const;
  expect(notices.events).toEqual({
    mail: urgent,
    webhook: NOTICE_EVENTS,
    ntfy: urgent,
    telegram: urgent,
  });
});

test("channels are read from the environment", () => {
  expect(load(ENV).notices).toMatchObject({
    mail: {
      url: "smtps://chat:pass%40word@mail.example.com",
      from: "Shop <chat@example.com>",
      to: ["you@example.com", "me@example.com"],
    },
    webhook: { url: ENV.WEBHOOK_URL, secrets: [SECRET, OTHER_SECRET] },
    ntfy: {
      server: "https://push.example.com/base/",
      topic: "shop-alerts",
      token: "tk_0123456789",
    },
    telegram: { token: TOKEN, chat: "-100123" },
    events: { webhook: ["answer.failed", "visitor.wrote"] },
  });
});

test("a channel with a part of its settings is not set up, and no start is refused", () => {
  const parts: Env = { SMTP_URL: ENV.SMTP_URL, TELEGRAM_TOKEN: TOKEN, NTFY_TOKEN: "tk_1" };
  const { mail, ntfy, telegram } = load(parts).notices;
  expect([mail, ntfy, telegram]).toEqual([undefined, undefined, undefined]);
});

test("what is shown of the channels has none of their secrets, and the log masks these", () => {
  const config = load(ENV);
  const shown = new Map(settingsInForce(config).map(({ name, value }) => [name, value]));
  expect(shown.get("SMTP_URL")).toBe("smtps://mail.example.com:465");
  expect(shown.get("WEBHOOK_URL")).toBe("https://hooks.example.com/…");
  expect(shown.get("NTFY_URL")).toBe("https://push.example.com/base/shop-alerts");
  const all = JSON.stringify([...shown.values()]);
  const secrets = ["pass@word", "pass%40word", SECRET, OTHER_SECRET, TOKEN, "tk_0123456789"];
  for (const secret of [...secrets, "very-secret-path"]) expect(all).not.toContain(secret);
  expect(secretsOf(config)).toEqual(
    expect.arrayContaining([...secrets, "/services/T0/B0/very-secret-path"]),
  );
});

test("a secret of a channel must not open anything else", () => {
  expect(() => load({ WEBHOOK_SECRET: SECRET, ADMIN_API_KEY: SECRET })).toThrow(
    "ADMIN_API_KEY: shares a value with WEBHOOK_SECRET",
  );
});
