import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { createLogger, LOG_LEVELS, type LogLevel } from "../../src/runtime/logger.ts";
import { FakeClock } from "../support/fake-clock.ts";

function createRecorder(
  options: { level?: LogLevel; format?: "json" | "text"; secrets?: string[] } = {},
) {
  const { level = "debug", format = "json", secrets = [] } = options;
  const written: string[] = [];
  const write = (line: string) => void written.push(line);
  const log = createLogger({
    level,
    format,
    secrets: () => secrets,
    write,
    now: new FakeClock().now,
  });
  const fields = (): Record<string, unknown> => JSON.parse(written.at(-1) ?? "");
  return { log, written, fields };
}

describe("a log line", () => {
  test("in production is JSON with the time, the level, the event and its fields", () => {
    const { log, written } = createRecorder();
    log.info("request", { status: 200, path: "/health" });
    expect(written).toEqual([
      '{"time":"2026-11-23T12:00:00.000Z","level":"info","event":"request","status":200,"path":"/health"}\n',
    ]);
  });

  test("at a terminal is text", () => {
    const { log, written } = createRecorder({ format: "text" });
    log.warn("slow store", { durationMs: 12 });
    expect(written).toEqual(["12:00:00.000 WARN  slow store durationMs=12\n"]);
  });

  test("leaves out what is undefined", () => {
    const { log, fields } = createRecorder();
    log.info("turn ended", { errorCode: undefined, status: "complete" });
    expect(fields()).not.toHaveProperty("errorCode");
  });

  test("contains an error with its causes", () => {
    const { log, fields } = createRecorder();
    log.error("failed", { error: new TypeError("outer", { cause: new Error("inner") }) });
    expect(fields().error).toMatchObject({
      name: "TypeError",
      reason: "outer",
      stack: expect.stringContaining("logger.test"),
      cause: { name: "Error", reason: "inner" },
    });
  });

  test.each(["json", "text"] as const)("in %s is one line, whatever is in it", (format) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (text, more) => {
        const { log, written } = createRecorder({ format });
        const field = `\r\n${text}\u2028${more}\n12:00:00.000 ERROR forged`;
        log.info("event", { field, nested: { [field]: [field] }, error: new Error(field) });
        expect(written).toHaveLength(1);
        expect(written[0]?.split(/\r|\n/)).toHaveLength(2);
        expect(written[0]?.endsWith("\n")).toBe(true);
      }),
    );
  });

  test.each(["json", "text"] as const)("in %s is one line, whatever the event's name", (format) => {
    const { log, written } = createRecorder({ format });
    log.info("event\nforged");
    expect(written.join("").split("\n")).toHaveLength(2);
  });

  test.each([
    ["ESC", "\u001b[2J"],
    ["a C1 control that begins a sequence", "\u009b2J"],
    ["DEL", "\u007f"],
    ["a right-to-left override", "\u202egnp.exe"],
    ["an isolate", "\u2066x\u2069"],
    ["an Arabic letter mark", "\u061c"],
    ["line ends other than \\n", "\u0085\u2028\u2029"],
    ["a zero-width space", "a\u200bb\ufeff"],
    ["an invisible tag beyond the BMP", "\u{e0041}"],
  ])(
    "escapes characters that a terminal would obey or that are invisible, in both formats: %s",
    (_name, text) => {
      for (const format of ["json", "text"] as const) {
        const { log, written } = createRecorder({ format });
        log.info(`event${text}`, { field: text, [`name${text}`]: [text], error: new Error(text) });
        const line = written.join("").slice(0, -1);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(line.toLowerCase()).toContain("\\u");
        if (format === "json") expect(JSON.parse(line)).toMatchObject({ field: text });
      }
    },
  );

  test("shows letters of every language as they are", () => {
    const { log, written } = createRecorder({ format: "text" });
    log.info("event", { field: "Grüße, こんにちは, مرحبا, 🙂" });
    expect(written.join("")).toContain("Grüße, こんにちは, مرحبا, 🙂");
  });

  test("is written even when a field cannot be converted", () => {
    const { log, written } = createRecorder();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(() => log.error("failed", { circular, big: 1n })).not.toThrow();
    expect(written).toHaveLength(1);
    expect(written[0]).toContain("failed");
  });
});

describe("the log level", () => {
  const SPEAKING = ["debug", "info", "warn", "error"] as const;

  test.each([...LOG_LEVELS])("%s writes lines of its own and of worse levels", (level) => {
    const { log, written } = createRecorder({ level });
    for (const each of SPEAKING) log[each](each);
    const levels = written.map((line): unknown => JSON.parse(line).level);
    expect(levels).toEqual(
      LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)).filter((l) => l !== "silent"),
    );
  });
});

describe("redaction", () => {
  const SECRET = "value-that-nobody-may-read";

  test.each([
    "key",
    "apiKey",
    "x-api-key",
    "x-admin-api-key",
    "widgetApiKeys",
    "idempotencyKey",
    "password",
    "DASHBOARD_PASSWORD",
    "cookie",
    "set-cookie",
    "authorization",
    "Authorization",
    "sessionToken",
    "x-session-token",
    "token",
    "secret",
    "sessionSecret",
    "message",
    "content",
    "body",
  ])("a field named %s is never written", (name) => {
    for (const format of ["json", "text"] as const) {
      const { log, written } = createRecorder({ format });
      log.info("event", { [name]: SECRET });
      log.error("event", { [name]: { deep: [SECRET] } });
      expect(written.join("")).not.toContain(SECRET);
      expect(written.join("")).toContain("[redacted]");
    }
  });

  test.each(["apiKey", "authorization", "cookie", "password", "message", "content"])(
    "a field named %s inside another field is never written",
    (name) => {
      const { log, written } = createRecorder();
      log.info("event", { request: { headers: { [name]: SECRET } }, list: [{ [name]: SECRET }] });
      expect(written.join("")).not.toContain(SECRET);
    },
  );

  test.each(["firstTokenMs", "promptTokens", "completionTokens", "status", "path", "reason"])(
    "a field named %s is written",
    (name) => {
      const { log, fields } = createRecorder();
      log.info("event", { [name]: 7 });
      expect(fields()[name]).toBe(7);
    },
  );

  test("a configured secret is masked wherever it appears", () => {
    for (const format of ["json", "text"] as const) {
      const { log, written } = createRecorder({ format, secrets: [SECRET, ""] });
      log.info(`event ${SECRET}`, {
        path: `/x/${SECRET}?${SECRET}`,
        [SECRET]: 1,
        list: [SECRET],
        error: new Error(`upstream said ${SECRET}`, { cause: new Error(SECRET) }),
      });
      expect(written.join("")).not.toContain(SECRET);
      expect(written.join("")).toContain("[redacted]");
    }
  });

  test("a secret that JSON escapes is masked too", () => {
    for (const secret of ['quote"and\\backslash', "tab\tinside", "línea-ü-😀"]) {
      const { log, written } = createRecorder({ secrets: [secret] });
      log.info("event", { path: secret });
      expect(written.join("")).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
  });

  test("a secret that contains another secret is masked completely", () => {
    const { log, written } = createRecorder({ secrets: ["horse", "correct horse battery"] });
    log.info("event", { path: "correct horse battery" });
    expect(written.join("")).not.toMatch(/correct|battery/);
  });
});

describe("a log line is bounded", () => {
  test("a long text is cut, and a secret across the cut is masked first", () => {
    const secret = "s".repeat(40);
    const { log, written, fields } = createRecorder({ secrets: [secret] });
    log.warn("odd", { reason: `${"x".repeat(4090)}${secret}${"y".repeat(100_000)}` });
    expect(String(fields().reason)).toMatch(/^x{4090}\[redac…$/);
    expect(written.join("")).not.toContain("ss");
  });

  test.each(["json", "text"] as const)("many long texts leave the ids, in %s", (format) => {
    const { log, written } = createRecorder({ format });
    const texts = Array.from({ length: 8 }, () => "x".repeat(4000));
    log.error("request failed", { requestId: "r-1", turnId: "t-1", texts });
    expect(written).toHaveLength(1);
    expect(written[0]?.length).toBeLessThan(300);
    for (const part of ["request failed", "r-1", "t-1", "leftOut"]) {
      expect(written[0]).toContain(part);
    }
  });

  test("whatever the fields, a line has at most 16,001 characters", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 9000 }), { maxLength: 12 }), (texts) => {
        const { log, written } = createRecorder();
        log.info("request", { texts, error: new Error(texts.join()) });
        expect(written[0]?.length).toBeLessThanOrEqual(16_001);
      }),
      { numRuns: 50 },
    );
  });
});
