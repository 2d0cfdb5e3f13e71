import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";

import fc from "fast-check";

import { secretsOf } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import { ConfigError } from "../src/config/problems.ts";
import type { Env } from "../src/config/setting-reader.ts";

const KEY = "widget-key-0123456789-abcdef";
const OTHER_KEY = "second-widget-key-0123456789";
const ADMIN = "admin-key-0123456789-abcdefg";

/** The settings that production needs at least. */
const PRODUCTION: Env = {
  NODE_ENV: "production",
  OPENAI_API_KEY: "sk-proj-0123456789",
  WIDGET_API_KEY: KEY,
  CORS_ORIGIN: "https://www.example.com",
};

function load(env: Env = {}) {
  return loadConfig(env, () => {
    throw new Error("ENOENT: no such file, open '/path/of/the/prompt'");
  });
}

function config(env: Env = {}) {
  return load(env).config;
}

function refusal(env: Env): ConfigError {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`Nothing is refused in ${JSON.stringify(env)}`);
}

function refusedNames(env: Env): string[] {
  return refusal(env).problems.map(({ name }) => name);
}

describe("the defaults of the settings", () => {
  test("are those of the contract", () => {
    expect(config()).toMatchObject({
      server: {
        environment: "development",
        host: "127.0.0.1",
        port: 4000,
        publicUrl: undefined,
        basePath: "",
        hsts: "subdomains",
        shutdownGraceMs: expect.any(Number),
        drainDelayMs: 0,
      },
      replicas: { redisUrl: undefined },
      database: {
        url: undefined,
        connections: 8,
        path: "data/chatporch.db",
        sync: "normal",
        maxBytes: 10_000_000_000,
        retentionDays: undefined,
      },
      model: { kind: "demo", firstTokenTimeoutMs: 60_000, idleTimeoutMs: 30_000 },
      assistant: {
        systemPrompt: expect.stringMatching(/support assistant/),
        maxHistoryMessages: 30,
        maxHistoryTokens: 8000,
        maxOutputTokens: 1024,
      },
      turns: {
        maxConcurrentTurns: 4000,
        streamFormat: "sse",
        sessionTtlDays: 30,
        abandonedTurnGraceMs: expect.any(Number),
        heartbeatIntervalMs: 15_000,
      },
      keys: { widget: [], program: [], admin: [], metrics: [], dashboardPassword: undefined },
      origins: { allowed: "*" },
      limits: {
        rateLimitWindowMs: 60_000,
        rateLimitMaxRequests: 60,
        maxStreamsPerAddress: 100,
        maxLoginAttempts: 10,
        trustProxy: undefined,
      },
      log: { level: "info" },
    });
  });

  test("in production open nothing: no website, no model, no key and no password", () => {
    const { keys, origins, model } = config({ NODE_ENV: "production" });
    expect(keys).toEqual({
      widget: [],
      program: [],
      admin: [],
      metrics: [],
      dashboardPassword: undefined,
    });
    expect(origins).toEqual({ allowed: [] });
    expect(model.kind).toBe("none");
  });

  test("in production listen on every address", () => {
    const { host, port } = config(PRODUCTION).server;
    expect([host, port]).toEqual(["0.0.0.0", 4000]);
  });

  test("name the model", () => {
    const { model } = config({ OPENAI_API_KEY: "sk-proj-0123456789" });
    expect(model).toMatchObject({
      kind: "openai",
      name: "gpt-6-luna",
      isNameSet: false,
      apiKey: "sk-proj-0123456789",
      baseUrl: undefined,
      headers: {},
      reasoningEffort: "none",
      secrets: ["sk-proj-0123456789"],
    });
  });

  test("hold for values that are empty or white space", () => {
    const names = Object.keys(PRODUCTION).concat("PORT", "HOST", "TRUST_PROXY", "LOG_LEVEL");
    for (const blank of ["", "  ", "\t\n"]) {
      expect(config(Object.fromEntries(names.map((name) => [name, blank])))).toEqual(config());
    }
  });

  test("give way to the values that are set", () => {
    const set = config({
      NODE_ENV: "test",
      HOST: "::1",
      PORT: "0",
      DATABASE_PATH: "/var/lib/chat.db",
      DATABASE_SYNC: "full",
      RETENTION_DAYS: "90",
      TIME_ZONE: "Asia/Kathmandu",
      MAX_DATABASE_MB: "500",
      SYSTEM_PROMPT: "Be brief.",
      MAX_HISTORY_MESSAGES: "8",
      MAX_HISTORY_TOKENS: "900",
      MAX_OUTPUT_TOKENS: "64",
      MAX_CONCURRENT_TURNS: "16",
      MAX_STREAMS_PER_ADDRESS: "8",
      MODEL_FIRST_TOKEN_TIMEOUT_MS: "1",
      MODEL_IDLE_TIMEOUT_MS: "2",
      DASHBOARD_PASSWORD: "correct horse",
      RATE_LIMIT_WINDOW_MS: "1000",
      RATE_LIMIT_MAX_REQUESTS: "1",
      STREAM_FORMAT: "ndjson",
      SESSION_TTL_DAYS: "7",
      LOG_LEVEL: " WARN ",
    });
    expect(set).toMatchObject({
      server: { environment: "test", host: "::1", port: 0 },
      database: {
        path: "/var/lib/chat.db",
        sync: "full",
        retentionDays: 90,
        maxBytes: 500_000_000,
      },
      model: { firstTokenTimeoutMs: 1, idleTimeoutMs: 2 },
      assistant: {
        systemPrompt: "Be brief.",
        maxHistoryMessages: 8,
        maxHistoryTokens: 900,
        maxOutputTokens: 64,
      },
      turns: { maxConcurrentTurns: 16, streamFormat: "ndjson", sessionTtlDays: 7 },
      keys: { dashboardPassword: "correct horse" },
      limits: { rateLimitWindowMs: 1000, rateLimitMaxRequests: 1, maxStreamsPerAddress: 8 },
      log: { level: "warn" },
    });
  });
});

describe("the problems with settings", () => {
  const MANY: Env = {
    NODE_ENV: "staging-value",
    PORT: "port-value",
    OPENAI_BASE_URL: "base-url-value",
    MAX_HISTORY_MESSAGES: "-1",
    MAX_OUTPUT_TOKENS: "1.5",
    MAX_CONCURRENT_TURNS: "many",
    MAX_STREAMS_PER_ADDRESS: "some",
    RETENTION_DAYS: "never",
    MODEL_FIRST_TOKEN_TIMEOUT_MS: "0",
    MODEL_IDLE_TIMEOUT_MS: "1e3",
    WIDGET_API_KEY: "short-widget-value",
    ADMIN_API_KEY: "short-admin-value",
    METRICS_KEY: "short-metrics-value",
    CORS_ORIGIN: "cors-value",
    RATE_LIMIT_WINDOW_MS: "window-value",
    RATE_LIMIT_MAX_REQUESTS: "requests-value",
    TRUST_PROXY: "proxy-value",
    STREAM_FORMAT: "format-value",
    SESSION_TTL_DAYS: "0",
    LOG_LEVEL: "level-value",
  };

  test("are all in one message, each with its name and an example", () => {
    const { problems, message } = refusal(MANY);
    expect(problems.map(({ name }): string => name).toSorted()).toEqual(
      Object.keys(MANY).toSorted(),
    );
    for (const { name, problem, example } of problems) {
      expect(message).toContain(`${name}: ${problem}`);
      expect(message).toContain(`${name}=${example}`);
    }
  });

  test("never repeat a value", () => {
    const { message } = refusal(MANY);
    for (const value of Object.values(MANY)) {
      if (value?.endsWith("-value")) expect(message).not.toContain(value);
    }
  });

  test("come with examples that are right themselves", () => {
    const remedy = Object.fromEntries(
      refusal({ ...MANY, NODE_ENV: "production" }).problems.map(({ name, example }) => [
        name,
        // A command that every shell replaces with its output.
        example === "$(openssl rand -base64 24)" ? randomBytes(24).toString("base64") : example,
      ]),
    );
    expect(config({ ...MANY, NODE_ENV: "production", ...remedy }).server.environment).toBe(
      "production",
    );
  });

  test.each([
    ["PORT", ["65536", "-1", "4000x", "0x10", "４０００", "99999999999999999999"]],
    ["HOST", ["256.1.1.1", "1.2.3", "http://127.0.0.1", "localhost:4000", "not a host", "::g"]],
    ["MAX_HISTORY_MESSAGES", ["0", "1001"]],
    ["MAX_HISTORY_TOKENS", ["0", "10000001", "8k"]],
    ["MAX_OUTPUT_TOKENS", ["0"]],
    ["MAX_CONCURRENT_TURNS", ["0", "1000001"]],
    ["MAX_STREAMS_PER_ADDRESS", ["0", "1000001"]],
    ["TIME_ZONE", ["Mars/Olympus", "CEST?", "+99:00"]],
    ["RATINGS", ["yes", "0"]],
    ["PERSON", ["never", "on"]],
    ["HOURS", ["Mo-Fr 09:00-17:00", "9-5 Europe/Berlin", "24/7 Mars/Olympus"]],
    ["PERSON_CONSENT", ["x".repeat(501)]],
    ["PERSON_NAME", ["x".repeat(61)]],
    ["RETENTION_DAYS", ["0", "-1", "36501", "0.5"]],
    ["DATABASE_CONNECTIONS", ["0", "201", "many"]],
    ["MAX_DATABASE_MB", ["0", "9", "-1", "1e3", "100000001"]],
    ["RATE_LIMIT_MAX_REQUESTS", ["0", "Infinity", "NaN"]],
    ["RATE_LIMIT_WINDOW_MS", ["0", "86400001"]],
    ["MODEL_IDLE_TIMEOUT_MS", ["2147483648"]],
    ["OPENAI_API_KEY", ["sk-ключ-0123456789", "sk-proj 0123456789", "sk-proj\n0123456789"]],
    ["OPENAI_BASE_URL", ["localhost:11434", "ftp://x", "javascript:alert(1)", "/v1"]],
    ["OPENAI_BASE_URL", ["http://127.0.0.1/v1#key"]],
    ["KNOWLEDGE_MODE", ["on", "always"]],
    ["KNOWLEDGE_WORDS", ["-1", "8001", "many"]],
    ["KNOWLEDGE_REFRESH_HOURS", ["0", "8761", "daily"]],
    [
      "KNOWLEDGE_ALLOW_PRIVATE",
      ["http://10.0.0.1", "10.0.0.0/33", "10.0.0", "*.example.com", "a b"],
    ],
    ["EMBEDDING_BASE_URL", ["localhost:11434", "ftp://x"]],
    ["EMBEDDING_API_KEY", ["sk-ключ-0123456789"]],
    ["EMBEDDING_DIMENSIONS", ["0", "7", "8193", "1e3"]],
    ["SMTP_URL", ["mail.example.com", "http://mail.example.com", "smtp://mail.example.com/inbox"]],
    ["MAIL_FROM", ["chat", "Chat <chat>", "a@b, c@d", "Chat <a@example.com>\nBcc: x@example.com"]],
    ["MAIL_TO", ["you", "a@example.com;b@example.com", "a@example.com\r\nBcc: b@example.com"]],
    ["WEBHOOK_URL", ["example.com", "ftp://example.com", "https://user:pw@example.com/hook"]],
    ["WEBHOOK_SECRET", ["whsec_short", "a-secret-without-its-prefix-0123456789", "whsec_!!!"]],
    ["WEBHOOK_EVENTS", ["everything", "answer.failed,answer.lost"]],
    ["NTFY_URL", ["ntfy.sh/topic", "https://ntfy.sh", "https://ntfy.sh/", "https://ntfy.sh/a b"]],
    ["NTFY_TOKEN", ["tk_ключ"]],
    ["TELEGRAM_TOKEN", ["AAE", "123456:short"]],
    ["TELEGRAM_CHAT", ["me", "12 34", "@a"]],
    ["NOTICES_PRIVATE_ADDRESSES", ["yes", "10.0.0.0/8"]],
    ["WEEKLY_SUMMARY", ["weekly", "1"]],
    [
      "PUBLIC_URL",
      ["chat.example.com", "https://user:secret@chat.example.com", "https://user@a.example"],
    ],
    [
      "PUBLIC_URL",
      ["https://chat.example.com/?a=b", "https://a.example/?", "https://a.example/#a"],
    ],
    ["PUBLIC_URL", ["https://a.example/a b", "https://a.example/a%20b", "https://a.example/a;b"]],
    ["PUBLIC_URL", ["https://a.example/a//b", "https://a.example/чат", "https://a.example/a\\b|c"]],
    [
      "PUBLIC_URL",
      ["https://a.example/v1", "https://a.example/widget/", "https://a.example/dashboard/x"],
    ],
    ["HSTS", ["on", "true", "0", "max-age=0"]],
    ["STREAM_FORMAT", ["json"]],
    ["LOG_LEVEL", ["verbose"]],
    ["NODE_ENV", ["prod"]],
  ])("%s refuses %j", (name, values) => {
    for (const value of values) expect(refusedNames({ [name]: value })).toEqual([name]);
  });

  test.each([
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["localhost", "localhost"],
    ["chat_1.internal", "chat_1.internal"],
    ["3com.example", "3com.example"],
  ])("HOST takes %s", (value, host) => {
    expect(config({ HOST: value }).server.host).toBe(host);
  });

  test("whatever is set, there is a config or a ConfigError, and the message holds no key", () => {
    const names = ["PORT", "WIDGET_API_KEY", "ADMIN_API_KEY", "CORS_ORIGIN", "TRUST_PROXY"];
    const values = fc.oneof(fc.string(), fc.constantFrom("1", "*", KEY, `${KEY},x`, ADMIN));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values), (env) => {
        try {
          expect(Object.isFrozen(config(env))).toBe(true);
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.message).not.toContain(KEY);
          expect(error.message).not.toContain(ADMIN);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("whatever is wrong with any of them, no value is repeated", async () => {
    const example = await Bun.file(new URL("../.env.example", import.meta.url)).text();
    const names = Array.from(example.matchAll(/^(?:# )?([A-Z_]+)=/gm), ([, name = ""]) => name);
    expect(names.length).toBeGreaterThan(20);
    const around = fc.constantFrom("", " ", ",", "https://", "/", "-1", "*", "\0", "\n", "'", "é");
    const value = fc.tuple(around, around).map(([before, after]) => `${before}canary${after}`);
    const environment = fc.constantFrom("production", "development");
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), environment, (env, NODE_ENV) => {
        try {
          config({ ...env, NODE_ENV });
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(JSON.stringify([error.message, error.problems])).not.toContain("canary");
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("placeholders:", () => {
  const PLACEHOLDERS = ["change-me", "change-me-please", "CHANGE_ME", "changeme123", "sk-..."];

  test.each(PLACEHOLDERS)("%s counts as missing in development", (value) => {
    const env = { OPENAI_API_KEY: value, WIDGET_API_KEY: value, ADMIN_API_KEY: value };
    expect(config({ ...env, DASHBOARD_PASSWORD: value })).toEqual(config());
  });

  test.each(PLACEHOLDERS)("%s counts as missing in production", (value) => {
    expect(refusedNames({ ...PRODUCTION, WIDGET_API_KEY: value })).toEqual(["WIDGET_API_KEY"]);
    expect(refusedNames({ ...PRODUCTION, OPENAI_API_KEY: value })).toEqual(["OPENAI_API_KEY"]);
  });

  test("a long placeholder does not count as a key either", () => {
    const placeholder = "change-me-to-a-random-text-of-24-characters";
    expect(config({ WIDGET_API_KEY: placeholder }).keys.widget).toEqual([]);
    expect(config({ WIDGET_API_KEY: `${KEY},${placeholder}` }).keys.widget).toEqual([KEY]);
  });
});

describe("the model", () => {
  test("is the demo model in development without a key, and none in production", () => {
    expect(config().model.kind).toBe("demo");
    expect(config({ ...PRODUCTION, OPENAI_API_KEY: "" }).model.kind).toBe("none");
  });

  test.each([{}, { ...PRODUCTION, OPENAI_API_KEY: "" }])(
    "needs no key on the owner's own server",
    (env) => {
      const { model } = config({ ...env, OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" });
      expect(model).toMatchObject({
        kind: "openai",
        apiKey: undefined,
        baseUrl: "http://127.0.0.1:11434/v1",
      });
    },
  );
});

describe("the system prompt", () => {
  const read = (env: Env, text: string) =>
    loadConfig(env, () => text).config.assistant.systemPrompt;

  test("comes from a file, without the white space around it", () => {
    expect(read({ SYSTEM_PROMPT_FILE: "prompt.txt" }, "Be kind.\n\nBe brief.\n")).toBe(
      "Be kind.\n\nBe brief.",
    );
  });

  test("in a file that is missing or empty is refused", () => {
    const { message, problems } = refusal({ SYSTEM_PROMPT_FILE: "/secret/prompt.txt" });
    expect(problems.map(({ name }) => name)).toEqual(["SYSTEM_PROMPT_FILE"]);
    expect(message).not.toContain("/secret/prompt.txt");
    expect(() => read({ SYSTEM_PROMPT_FILE: "prompt.txt" }, " \n")).toThrow(ConfigError);
  });

  test("in two places is refused", () => {
    const env = { SYSTEM_PROMPT: "Be kind.", SYSTEM_PROMPT_FILE: "prompt.txt" };
    expect(() => read(env, "Be brief.")).toThrow(ConfigError);
  });
});

describe("keys", () => {
  test("may be several, so that one can be rotated", () => {
    const { widget } = config({ WIDGET_API_KEY: ` ${KEY} ,, ${OTHER_KEY},` }).keys;
    expect(widget).toEqual([KEY, OTHER_KEY]);
  });

  test.each(["WIDGET_API_KEY", "ADMIN_API_KEY", "METRICS_KEY"])(
    "%s of 23 characters is refused",
    (name) => {
      expect(refusedNames({ [name]: "k5R8zQ1mW7xT3vB9nC4pL6s" })).toEqual([name]);
      expect(refusedNames({ [name]: `${KEY},short` })).toEqual([name]);
      expect(refusal({ [name]: "short-and-secret" }).message).not.toContain("short-and-secret");
      expect(() => config({ [name]: "k5R8zQ1mW7xT3vB9nC4pL6s2" })).not.toThrow();
    },
  );

  test("that cannot travel in a header are refused", () => {
    for (const key of [`${KEY}é`, `${KEY} with space`, `${KEY}\u0007`]) {
      expect(refusedNames({ WIDGET_API_KEY: key })).toEqual(["WIDGET_API_KEY"]);
    }
  });

  test("of the owner must not be among the keys that every visitor can read", () => {
    const env = { WIDGET_API_KEY: `${OTHER_KEY},${KEY}`, ADMIN_API_KEY: `${ADMIN},${KEY}` };
    const { problems, message } = refusal(env);
    expect(problems.map(({ name }) => name)).toEqual(["ADMIN_API_KEY"]);
    expect(message).not.toContain(KEY);
  });

  test("of the metrics must not be among the keys that every visitor can read", () => {
    const env = { WIDGET_API_KEY: KEY, METRICS_KEY: `${ADMIN},${KEY}` };
    const { problems, message } = refusal(env);
    expect(problems.map(({ name }) => name)).toEqual(["METRICS_KEY"]);
    expect(message).not.toContain(KEY);
  });

  test.each(["DASHBOARD_PASSWORD", "OPENAI_API_KEY"])(
    "of the widget must not be %s, because every visitor can read it",
    (name) => {
      const { problems, message } = refusal({ WIDGET_API_KEY: `${OTHER_KEY},${KEY}`, [name]: KEY });
      // No command can make a new key for the model's server, so the widget's key is refused there.
      const refused = name === "OPENAI_API_KEY" ? "WIDGET_API_KEY" : name;
      expect(problems.map((problem) => problem.name)).toEqual([refused]);
      expect(message).not.toContain(KEY);
    },
  );

  test("of the widget may be missing in production too, but not be weak or an example", () => {
    expect(config({ ...PRODUCTION, WIDGET_API_KEY: "" }).keys.widget).toEqual([]);
    expect(config({ ...PRODUCTION, WIDGET_API_KEY: " , ," }).keys.widget).toEqual([]);
    for (const value of ["short", "change-me", "change-me,change-me"]) {
      expect(refusedNames({ ...PRODUCTION, WIDGET_API_KEY: value })).toEqual(["WIDGET_API_KEY"]);
    }
  });

  test("and passwords are known as secrets", () => {
    const { config: loaded } = load({
      ...PRODUCTION,
      ADMIN_API_KEY: ADMIN,
      METRICS_KEY: OTHER_KEY,
      DASHBOARD_PASSWORD: "correct horse",
    });
    expect(secretsOf(loaded).toSorted()).toEqual(
      [KEY, ADMIN, OTHER_KEY, "correct horse", "sk-proj-0123456789"].toSorted(),
    );
  });
});

describe("CORS_ORIGIN", () => {
  test("is a list of exact origins and wildcards, white space trimmed", () => {
    const { allowed } = config({
      CORS_ORIGIN: " https://www.example.com , https://*.example.org,",
    }).origins;
    expect(allowed).toEqual([
      { kind: "exact", origin: "https://www.example.com" },
      { kind: "subdomains", scheme: "https://", suffix: ".example.org" },
    ]);
  });

  test.each([
    "*",
    "*",
    "change-me",
    "https://www.example.com,*",
    "https://www.example.com/",
    "https://www.example.com/chat",
    "www.example.com",
    "null",
    "https://www.example.com,https://other.example/",
  ])("production refuses %j", (value) => {
    const { problems } = refusal({ ...PRODUCTION, CORS_ORIGIN: value });
    expect(new Set(problems.map(({ name }) => name))).toEqual(new Set(["CORS_ORIGIN"]));
  });

  test.each(["", " , "])("allows no website in production with %j", (value) => {
    expect(config({ ...PRODUCTION, CORS_ORIGIN: value }).origins.allowed).toEqual([]);
  });

  test("allows everybody with * in development, but still refuses a path", () => {
    expect(config({ CORS_ORIGIN: "*" }).origins.allowed).toBe("*");
    expect(refusedNames({ CORS_ORIGIN: "https://www.example.com/" })).toEqual(["CORS_ORIGIN"]);
  });
});

describe("TRUST_PROXY", () => {
  test("is a number of proxies", () => {
    expect(config({ TRUST_PROXY: "1" }).limits.trustProxy).toEqual({ kind: "hops", count: 1 });
    expect(config({ TRUST_PROXY: "2" }).limits.trustProxy).toEqual({ kind: "hops", count: 2 });
  });

  test("is a list of addresses and CIDRs", () => {
    expect(config({ TRUST_PROXY: "10.0.0.0/8, 192.0.2.7,fd00::/8" }).limits.trustProxy).toEqual({
      kind: "cidrs",
      cidrs: [
        { address: [10, 0, 0, 0], prefixLength: 8 },
        { address: [192, 0, 2, 7], prefixLength: 32 },
        { address: [0xfd, ...Array<number>(15).fill(0)], prefixLength: 8 },
      ],
    });
  });

  test("of 0 proxies is none", () => {
    expect(config({ TRUST_PROXY: "0" }).limits.trustProxy).toBeUndefined();
  });

  test.each(["true", "yes", "-1", "11", "1.5", "1,2", "10.0.0.0/33", "loopback", "10.0.0.0/8,x"])(
    "refuses %j",
    (value) => {
      expect(refusedNames({ TRUST_PROXY: value })).toEqual(["TRUST_PROXY"]);
    },
  );
});

describe("a typo in a setting's name:", () => {
  test.each([
    ["RATE_LIMIT_MAX_REQUEST", "RATE_LIMIT_MAX_REQUESTS"],
    ["WIDGET_API_KEYS", "WIDGET_API_KEY"],
    ["CORS_ORIGINS", "CORS_ORIGIN"],
    ["OPENAI_BASEURL", "OPENAI_BASE_URL"],
    ["ADMIN_APIKEY", "ADMIN_API_KEY"],
    ["rate_limit_window_ms", "RATE_LIMIT_WINDOW_MS"],
    ["DASHBOARD_PASWORD", "DASHBOARD_PASSWORD"],
  ])("%s gets a warning with the nearest name", (typo, name) => {
    const { advice } = load({ [typo]: "value-of-typo" });
    expect(advice).toHaveLength(1);
    expect(advice[0]?.says).toContain(typo);
    expect(advice[0]?.mend).toContain(name);
    expect(JSON.stringify(advice)).not.toContain("value-of-typo");
  });

  test("variables of other programs get no warning", () => {
    const others = { PATH: "/bin", HOME: "/", PORTS: "1", POST: "x", HOSTS: "y", npm_config: "z" };
    expect(load({ ...others, LANG: "C", MYSQL_URL: "mysql://x" }).advice).toEqual([]);
  });

  test("settings with right names get no warning", () => {
    expect(load({ ...PRODUCTION, TRUST_PROXY: "1", LOG_LEVEL: "info" }).advice).toEqual([]);
  });
});

test("the config is frozen at every level", () => {
  const loaded = config({
    ...PRODUCTION,
    ADMIN_API_KEY: ADMIN,
    TRUST_PROXY: "10.0.0.0/8",
    CORS_ORIGIN: "https://*.example.com",
  });
  const isFrozen = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  expect(isFrozen(loaded)).toBe(true);
});

describe("PUBLIC_URL", () => {
  test.each([
    ["https://chat.example.com", "https://chat.example.com", ""],
    ["https://chat.example.com/", "https://chat.example.com", ""],
    ["https://Chat.Example.com:443///", "https://chat.example.com", ""],
    ["http://127.0.0.1:4000/a/../b/", "http://127.0.0.1:4000/b", "/b"],
    ["https://example.com/chat", "https://example.com/chat", "/chat"],
    ["https://example.com/chat/v1", "https://example.com/chat/v1", "/chat/v1"],
    [
      "https://example.com/Help.desk/chat_2~x/",
      "https://example.com/Help.desk/chat_2~x",
      "/Help.desk/chat_2~x",
    ],
  ])("%s is the address %s with the path %j", (text, publicUrl, basePath) => {
    expect(load({ PUBLIC_URL: text }).config.server).toMatchObject({ publicUrl, basePath });
  });
});
