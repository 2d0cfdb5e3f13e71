import { afterEach, describe, expect, test } from "bun:test";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { secretsOf } from "../../src/config/config.ts";
import { SECRET_NAMES } from "../../src/config/groups.ts";
import { countUnpredictable } from "../../src/config/guessable.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { readTextFile } from "../../src/config/text-file.ts";

const KEY = "k5R8zQ1mW7xT3vB9nC4pL6s2";
const OTHER_KEY = "q8Zr2Lk5Tn7Vb1Xc4Wd9Hs3J";
/** Secrets with a form of their own. */
const OF_OWN_FORM = new Map([
  ["WEBHOOK_SECRET", `whsec_${Buffer.from(KEY).toString("base64")}`],
  ["TELEGRAM_TOKEN", `123456789:${KEY}`],
]);
const textFor = (...names: readonly string[]) =>
  names.map((name) => OF_OWN_FORM.get(name)).find((text) => text !== undefined) ?? KEY;
const KEY_NAMES = ["WIDGET_API_KEY", "ADMIN_API_KEY", "METRICS_KEY"] as const;
const PRODUCTION: Env = {
  NODE_ENV: "production",
  OPENAI_API_KEY: "sk-proj-0123456789",
  WIDGET_API_KEY: "m3Fy6Gp9Rk2Ua5Bv8Ez1Dx4N",
  CORS_ORIGIN: "https://www.example.com",
};

afterEach(cleanUp);

function config(env: Env) {
  return loadConfig(env, readTextFile).config;
}

function problems(env: Env) {
  try {
    loadConfig(env, readTextFile);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
  return [];
}

function file(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), "secret");
  writeFileSync(path, content);
  return path;
}

describe("a secret in a file", () => {
  test.each(SECRET_NAMES)("is read from the path in %s_FILE, without the line end", (name) => {
    const text = textFor(name);
    for (const content of [text, `${text}\n`, `\ufeff${text}\r\n`]) {
      expect(secretsOf(config({ [`${name}_FILE`]: file(content) }))).toEqual([text]);
    }
    const utf16 = Buffer.from(`\ufeff${text}\r\n`, "utf16le");
    expect(secretsOf(config({ [`${name}_FILE`]: file(utf16) }))).toEqual([text]);
  });

  test.each(KEY_NAMES)("may be a list of keys in %s_FILE, one on a line", (name) => {
    const path = file(`${KEY}\n\n${OTHER_KEY}\n`);
    expect(secretsOf(config({ [`${name}_FILE`]: path }))).toEqual([KEY, OTHER_KEY]);
  });

  test.each(SECRET_NAMES)("is refused when %s is set as well", (name) => {
    const text = textFor(name);
    const found = problems({ [name]: text, [`${name}_FILE`]: file(text) });
    expect(found).toMatchObject([{ name: `${name}_FILE`, problem: expect.stringContaining(name) }]);
  });

  test.each(SECRET_NAMES)(
    "that %s_FILE cannot give is refused with the reason, and is never repeated",
    (name) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, "folder"));
      const unfit = [
        [join(folder, KEY), "no such file"],
        [join(folder, "folder"), "a folder"],
        ["/dev/null", "not a file"],
        [file(" \n"), "empty"],
        [file("change-me-now"), "example"],
        [file(`${KEY}\0`), "NUL bytes"],
      ] as const;
      for (const [path, reason] of unfit) {
        const found = problems({ ...PRODUCTION, [name]: "", [`${name}_FILE`]: path });
        expect(found.map((problem): string => problem.name)).toEqual([`${name}_FILE`]);
        expect(found[0]?.problem).toContain(reason);
        expect(JSON.stringify(found)).not.toContain(KEY);
      }
    },
  );
});

describe("a value with quotes around it", () => {
  test.each(['"', "'"])("(%s) is taken without them, whatever the setting", (quote) => {
    const quoted = (value: string) => `${quote}${value}${quote}`;
    const env = {
      NODE_ENV: "production",
      PORT: "5000",
      DATABASE_PATH: "/data/chatporch.db",
      WIDGET_API_KEY: KEY,
      CORS_ORIGIN: "https://www.example.com,https://*.example.org",
      OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
      SYSTEM_PROMPT: "Be kind.",
      DASHBOARD_PASSWORD: "correct horse battery",
      TRUST_PROXY: "10.0.0.0/8, fd00::/8",
    };
    const asFile = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, quoted(value)]),
    );
    expect(config(asFile)).toEqual(config(env));
    expect(config({ WIDGET_API_KEY: `${quoted(KEY)}, ${quoted(OTHER_KEY)}` })).toEqual(
      config({ WIDGET_API_KEY: `${KEY},${OTHER_KEY}` }),
    );
    expect(config({ PORT: quoted("") }).server.port).toBe(4000);
  });

  test.each(['"Yes" or "no"', "'tis", `"mixed'`, '"'])(
    "is not %s, which stays as it is",
    (value) => {
      expect(config({ SYSTEM_PROMPT: value }).assistant.systemPrompt).toBe(value);
    },
  );
});

describe("a key that can be guessed", () => {
  const GUESSABLE = [
    "a".repeat(24),
    "ab".repeat(12),
    "abc".repeat(10),
    "0123456789abcdef01234567",
    "abcdefghijklmnopqrstuvwxyz",
    "ZYXWVUTSRQPONMLKJIHGFEDCBA",
    "qwertyuiopasdfghjklzxcvbnm",
    "password-password-password",
    "123456789012345678901234",
    "aaaaaaaabbbbbbbbcccccccc",
  ];

  test.each(KEY_NAMES)("is refused as %s", (name) => {
    for (const key of GUESSABLE) {
      const found = problems({ [name]: key });
      expect(found).toMatchObject([{ name, problem: expect.stringContaining("guessed") }]);
      expect(JSON.stringify(found)).not.toContain(key);
    }
  });

  test("is not among 10,000 keys that the usual commands make", () => {
    const pick = (alphabet: string, length: number) =>
      Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
    const makers = {
      "openssl rand -hex 12": () => randomBytes(12).toString("hex"),
      "openssl rand -base64 18": () => randomBytes(18).toString("base64"),
      "openssl rand -base64 24": () => randomBytes(24).toString("base64"),
      uuidgen: () => randomUUID(),
      "pwgen 24": () => pick("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 24),
      "24 digits": () => pick("0123456789", 24),
    };
    for (const [name, make] of Object.entries(makers)) {
      for (let i = 0; i < 10_000; i++) {
        const key = make();
        if (countUnpredictable(key) < 12) throw new Error(`${name}: ${key} is refused`);
      }
    }
  });
});

describe("the dashboard's password", () => {
  test.each([
    "a",
    "elevenchars",
    "aaaaaaaaaaaa",
    "password1234",
    "Chatporch-2026",
    "admin-admin-1",
  ])("%s is refused in production, and a warning in development", (password) => {
    const found = problems({ ...PRODUCTION, DASHBOARD_PASSWORD: password });
    expect(found.map(({ name }): string => name)).toEqual(["DASHBOARD_PASSWORD"]);
    expect(problems({ DASHBOARD_PASSWORD: password })).toEqual([]);
  });

  test.each([
    "correct horse",
    "Yk3!pq8;Rt2m",
    "dashboard-of-the-blue-whale",
    "パスワードは長いほうがいい",
  ])("%s is fine in production", (password) => {
    expect(problems({ ...PRODUCTION, DASHBOARD_PASSWORD: password })).toEqual([]);
  });

  test("is refused with two lines, because they could not be typed", () => {
    expect(problems({ DASHBOARD_PASSWORD: "correct horse\nbattery" })).toHaveLength(1);
  });
});

describe("one text as two secrets", () => {
  const OF_MODELS = ["OPENAI_API_KEY", "EMBEDDING_API_KEY"];
  const pairs = SECRET_NAMES.flatMap((first, index) =>
    SECRET_NAMES.slice(index + 1).map((second) => [first, second] as const),
  )
    .filter((pair) => !pair.every((name) => OF_MODELS.includes(name)))
    // No text has both forms.
    .filter((pair) => !pair.every((name) => OF_OWN_FORM.has(name)));

  test("is fine where both are keys of models, which may be of one provider", () => {
    expect(problems({ OPENAI_API_KEY: KEY, EMBEDDING_API_KEY: KEY })).toEqual([]);
  });

  test.each(pairs)("(%s and %s) is refused", (first, second) => {
    const text = textFor(first, second);
    const found = problems({ [first]: text, [second]: text });
    const [refused, other] = found[0]?.name === first ? [first, second] : [second, first];
    expect(found).toMatchObject([{ name: refused, problem: expect.stringContaining(other) }]);
    expect(JSON.stringify(found)).not.toContain(text);
  });

  test("is refused in lists and in files too", () => {
    const env = { WIDGET_API_KEY: `${OTHER_KEY},${KEY}`, ADMIN_API_KEY_FILE: file(KEY) };
    expect(problems(env).map(({ name }): string => name)).toEqual(["ADMIN_API_KEY"]);
  });

  test("is refused for the other one when one is the model's key, which cannot be made anew", () => {
    for (const name of ["OPENAI_API_KEY", "OPENAI_HEADERS"]) {
      const value = name === "OPENAI_HEADERS" ? `X-Gateway-Key: ${KEY}` : KEY;
      const [found] = problems({
        OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
        [name]: value,
        WIDGET_API_KEY: KEY,
      });
      expect(found).toMatchObject({
        name: "WIDGET_API_KEY",
        problem: `shares a value with ${name}, and every visitor can read WIDGET_API_KEY`,
      });
    }
  });

  test("is accepted when both are in the same list", () => {
    expect(problems({ ADMIN_API_KEY: `${KEY},${KEY}` })).toEqual([]);
  });
});

describe("an example of the documentation", () => {
  const ROOT = join(import.meta.dir, "../..");
  const DOCUMENTS = [".env.example", ...new Bun.Glob("*.md").scanSync({ cwd: ROOT })];

  async function shown(): Promise<(readonly [name: string, value: string])[]> {
    const files = [
      ...DOCUMENTS.map((name) => join(ROOT, name)),
      ...new Bun.Glob("src/**/*.ts").scanSync({ cwd: ROOT, absolute: true }),
      ...new Bun.Glob("{docs,deploy,examples}/**/*").scanSync({ cwd: ROOT, absolute: true }),
    ];
    const texts = await Promise.all(files.map((path) => Bun.file(path).text()));
    const assignment = new RegExp(
      `\\b(${SECRET_NAMES.join("|")})=("[^"]*"|'[^']*'|[^\\s\`]+)`,
      "g",
    );
    return texts.flatMap((text) =>
      Array.from(text.matchAll(assignment), ([, name = "", value = ""]) => [name, value] as const),
    );
  }

  test("is refused as a secret in production, wherever it is shown", async () => {
    const examples = [
      ...(await shown()),
      // Examples that earlier versions showed.
      ...SECRET_NAMES.flatMap((name) => [
        [name, "a-random-text-of-24-characters-or-more"] as const,
        [name, "a-different-random-text-of-24-characters-or-more"] as const,
        [name, "sk-proj-your-own-key-from-the-provider"] as const,
        [name, "9 lives $ #1"] as const,
      ]),
    ];
    expect(examples.length).toBeGreaterThan(20);
    for (const [name, value] of examples) {
      const env = { NODE_ENV: "development", [name]: value };
      const isTaken = problems(env).length === 0 && secretsOf(config(env)).length > 0;
      expect([name, value, isTaken]).toEqual([name, value, false]);
    }
  });

  test("is refused in production, which starts without the setting that holds it", () => {
    const pasted = {
      WIDGET_API_KEY: "$(openssl rand -base64 24)",
      OPENAI_API_KEY: "sk-your-own-key",
    };
    for (const name of ["WIDGET_API_KEY", "OPENAI_API_KEY"] as const) {
      const example = problems({ ...PRODUCTION, [name]: pasted[name] });
      expect(example).toMatchObject([
        { name, problem: expect.stringContaining("holds an example") },
      ]);
      expect(problems({ ...PRODUCTION, [name]: "" })).toEqual([]);
    }
  });

  test("gets a warning when a setting has it", () => {
    const { advice } = loadConfig({ ADMIN_API_KEY: "change-me" }, readTextFile);
    expect(advice).toMatchObject([
      { id: "example-secret", says: expect.stringContaining("ADMIN_API_KEY") },
    ]);
  });
});
