import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { type DotEnv, readDotEnv } from "../../src/config/dot-env.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { readTextFile } from "../../src/config/text-file.ts";

const KEY = "k5R8zQ1mW7xT3vB9nC4pL6s2";

afterEach(cleanUp);

function write(content: string | Uint8Array, name = ".env", folder = temporaryFolder()): string {
  writeFileSync(join(folder, name), content);
  return folder;
}

function read(content: string | Uint8Array): DotEnv {
  return readDotEnv(write(content));
}

function utf16(text: string, isBigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return isBigEndian ? bytes.swap16() : bytes;
}

describe("a line of .env", () => {
  test.each([
    ["LOG_LEVEL=warn", "warn"],
    ["  LOG_LEVEL  =  warn  ", "warn"],
    ["export LOG_LEVEL=warn", "warn"],
    ["LOG_LEVEL=warn # a comment", "warn"],
    ["LOG_LEVEL=a#b", "a#b"],
    ["LOG_LEVEL=# a comment", ""],
    ["LOG_LEVEL=", ""],
    ["LOG_LEVEL='a # b'", "a # b"],
    ["LOG_LEVEL='a'# a comment", "a"],
    ["LOG_LEVEL=\"a # 'b'\" # a comment", "a # 'b'"],
    ['LOG_LEVEL=`it\'s "a"`', 'it\'s "a"'],
    ["LOG_LEVEL=it's", "it's"],
    ["LOG_LEVEL=5 $ ${HOME} $HOME", "5 $ ${HOME} $HOME"],
    ["LOG_LEVEL='5 \\$'", "5 $"],
    ["LOG_LEVEL=5 \\$", "5 $"],
    ['LOG_LEVEL="one\\ntwo \\"three\\" \\\\"', 'one\ntwo "three" \\\\'],
    ["LOG_LEVEL='one\\ntwo'", "one\\ntwo"],
    ["LOG_LEVEL='one\ntwo # three'", "one\ntwo # three"],
    ["\n\n# LOG_LEVEL=debug\nLOG_LEVEL=warn\n", "warn"],
    ["LOG_LEVEL=debug\nLOG_LEVEL=warn", "warn"],
    ["PORT=1\r\nLOG_LEVEL='warn'\r\n", "warn"],
  ])("%j sets LOG_LEVEL to %j", (text, value) => {
    const { values, problems } = read(text);
    expect(problems).toEqual([]);
    expect(values.LOG_LEVEL).toBe(value);
  });

  test.each([
    ["WIDGET_API_KEY 'secret'", 1],
    ["# fine\nWIDGET_API_KEY: secret", 2],
    ["LOG_LEVEL='one\ntwo'\nsecret", 3],
    ["WIDGET_API_KEY='secret", 1],
    ['PORT=1\nWIDGET_API_KEY="secret\\"\nMORE=1', 2],
    ["WIDGET_API_KEY='secret'more", 1],
  ])("%j is refused by its line number, and is not repeated", (text, number) => {
    const { problems } = read(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.name).toBe(".env");
    expect(problems[0]?.problem).toStartWith(`line ${number} `);
    expect(JSON.stringify(problems)).not.toContain("secret");
  });

  test("that belongs to another program is ignored, however it is written", () => {
    const { values, problems, advice } = read(
      'OTHER=\'it\nMYSQL_URL="a"b\nLOG_LEVEL=warn\nLD_PRELOAD=/x.so\nPATH=/nowhere\n',
    );
    expect({ values, problems, advice }).toEqual({
      values: { LOG_LEVEL: "warn" },
      problems: [],
      advice: [],
    });
  });

  test("that sets a setting a second time, or expects ${…} to be replaced, gets a warning", () => {
    expect(read("PORT=1\nPORT=2").advice.map(({ id }) => id)).toEqual(["set-twice"]);
    expect(read("PUBLIC_URL=https://${HOST}").advice.map(({ id }) => id)).toEqual(["not-expanded"]);
  });

  test("that gives a colour without quotes, which is a comment, gets a warning", () => {
    const { values, advice } = read("export WIDGET_COLOR=#0f766e");
    expect(values).toEqual({ WIDGET_COLOR: "" });
    expect(advice.map(({ id }) => id)).toEqual(["all-comment"]);
    expect(read("WIDGET_COLOR='#0f766e'").advice).toEqual([]);
    expect(read("WIDGET_COLOR=# blue\nWIDGET_LOGO= #later\nOTHER=#x").advice).toEqual([]);
  });

  test("that only the environment can set, such as HTTPS_PROXY, gets a warning", () => {
    const { values, advice } = read("HTTPS_PROXY=x\nNODE_EXTRA_CA_CERTS=y\nBUN_OPTIONS=z\nTZ=UTC");
    expect(values).toEqual({});
    expect(advice.map(({ id }) => id)).toEqual(Array(4).fill("not-taken"));
    expect(advice[1]?.says).toContain("NODE_EXTRA_CA_CERTS");
  });

  test("with a typo gets a warning with the nearest name", () => {
    const [advice, ...more] = read("RATE_LIMIT_MAX_REQUEST=5").advice;
    expect(more).toEqual([]);
    expect(advice?.mend).toContain("RATE_LIMIT_MAX_REQUESTS");
  });

  test("gives back any text that was quoted as docs/settings.md says", () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(..."$#\"` =${},;:\n'\\"), fc.string({ unit: "grapheme" })),
    });
    const inSingle = text.filter((value) => !/['\\\0\r]/.test(value));
    const inDouble = text.filter((value) => !/[\\\0\r]/.test(value));
    fc.assert(
      fc.property(inSingle, inDouble, (single, double) => {
        const escaped = double.replaceAll('"', '\\"');
        const { values } = read(`HOST='${single}'\nPUBLIC_URL="${escaped}"\nPORT=7\n`);
        expect(values).toEqual({ HOST: single, PUBLIC_URL: double, PORT: "7" });
      }),
      { numRuns: 200 },
    );
  });
});

describe("the file .env", () => {
  const TEXT = `NODE_ENV=production\nSYSTEM_PROMPT=Grüße, 世界 😀\n`;
  const VALUES = { NODE_ENV: "production", SYSTEM_PROMPT: "Grüße, 世界 😀" };

  test.each([
    ["UTF-8", Buffer.from(TEXT)],
    ["UTF-8 with a byte order mark", Buffer.from(`\ufeff${TEXT}`)],
    ["UTF-16, as PowerShell writes it", utf16(TEXT.replaceAll("\n", "\r\n"), false)],
    ["UTF-16 of big-endian machines", utf16(TEXT, true)],
  ])("in %s is read", (_encoding, bytes) => {
    expect(read(bytes)).toMatchObject({ values: VALUES, problems: [] });
  });

  test.each([
    ["UTF-16 without a byte order mark", utf16("PORT=1\n", false).slice(2), "NUL bytes"],
    ["UTF-16 that is cut off", utf16("PORT=1", false).slice(0, -1), "UTF-16"],
    ["with a NUL byte", Buffer.from("PORT=1\0\n"), "NUL bytes"],
    ["Latin-1", Buffer.from("SYSTEM_PROMPT=Gr\xfc\xdfe\n", "latin1"), "UTF-8"],
    ["larger than a file of settings is", Buffer.alloc(1024 * 1024 + 1, "#"), "1 MB"],
  ])("%s is refused and not ignored", (_name, bytes, reason) => {
    const { values, problems } = read(bytes);
    expect(values).toEqual({});
    expect(problems).toHaveLength(1);
    expect(problems[0]?.problem).toContain(reason);
  });

  test("that is a folder, a device or a link to nowhere is refused and not ignored", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".env"));
    const [device, nowhere] = [temporaryFolder(), temporaryFolder()];
    symlinkSync("/dev/null", join(device, ".env"));
    symlinkSync("nowhere", join(nowhere, ".env"));
    for (const [where, reason] of [
      [folder, "a folder"],
      [device, "not a file"],
      [nowhere, "no such file"],
    ] as const) {
      expect(readDotEnv(where).problems[0]?.problem).toContain(reason);
    }
  });

  test("that does not exist causes no problem and no warning", () => {
    const { values, problems, advice } = readDotEnv(temporaryFolder());
    expect([values, problems, advice]).toEqual([{}, [], []]);
  });

  test("of any bytes leads to a config or a ConfigError that repeats none of them", () => {
    const part = fc.constantFrom(
      ..."=\n\r'\"`#$\\ \t\0",
      "PORT",
      "WIDGET_API_KEY",
      "CORS_ORIGIN",
      "export ",
      "${PORT}",
      "\ufeff",
      "é",
      KEY,
    );
    const text = fc.array(part, { maxLength: 200 }).map((parts) => Buffer.from(parts.join("")));
    const file = fc.oneof(text, fc.uint8Array({ maxLength: 300 }));
    const folder = temporaryFolder();
    fc.assert(
      fc.property(file, (bytes) => {
        write(bytes, ".env", folder);
        try {
          loadConfig({}, readTextFile, { dotEnv: readDotEnv(folder) });
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.message).not.toContain(KEY);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("gives way to the environment, even to an empty value", () => {
    const dotEnv = read("PORT=5000\nHOST=::1\nLOG_LEVEL=warn\n");
    const { config } = loadConfig({ PORT: "6000", HOST: "" }, readTextFile, { dotEnv });
    expect([config.server.port, config.server.host, config.log.level]).toEqual([
      6000,
      "127.0.0.1",
      "warn",
    ]);
  });

  test("that everybody may read gets a warning in production, and none in development", () => {
    const production = `NODE_ENV=production\nOPENAI_API_KEY=sk-1\nWIDGET_API_KEY=${KEY}\nCORS_ORIGIN=https://a.example\n`;
    const advice = (text: string, mode: number) => {
      const folder = write(text);
      chmodSync(join(folder, ".env"), mode);
      const loaded = loadConfig({}, readTextFile, { dotEnv: readDotEnv(folder) });
      return loaded.advice.map(({ id }) => id);
    };
    expect(advice(production, 0o644)).toEqual(["env-file-readable"]);
    expect(advice(production, 0o640)).toEqual([]);
    expect(advice("PORT=1\n", 0o644)).toEqual([]);
  });

  test.each([".env.local", ".env.production", ".env.development.local"])(
    "has %s beside it, which is not read, and a setting in that gets a warning",
    (name) => {
      const { values, advice } = readDotEnv(write("PORT=5000\n", name));
      expect(values).toEqual({});
      expect(advice).toMatchObject([{ id: "other-env-file", says: expect.stringContaining(name) }]);
      expect(readDotEnv(write("OTHER=5000\n", name)).advice).toEqual([]);
    },
  );
});
