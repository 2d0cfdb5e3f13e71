import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import fc from "fast-check";

import { parseExposition } from "../../harness/exposition.ts";
import { type Bucket, bucketQuantile, bucketsOf, countedSince } from "../../harness/histogram.ts";
import { answerInWords, parseQuestion, questionText } from "../../harness/question.ts";
import type { Recording } from "../../scripts/soak/run.ts";
import { isHeld, judge, table } from "../../scripts/soak/verdict.ts";
import { writeMetric } from "../../src/metrics/exposition.ts";
import { Histogram } from "../../src/metrics/histogram.ts";

const ROOT = resolve(import.meta.dir, "../..");
const RUN_TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "chatporch-soak-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runSoak(...args: readonly string[]) {
  const root = mkdtempSync(join(folder, "tmp-"));
  const child = Bun.spawn([process.execPath, join(ROOT, "scripts/soak.ts"), ...args], {
    env: { ...process.env, TMPDIR: root },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr, left: readdirSync(root) };
}

/** A script that runs the server from source in place of the binary, which the tests do not build. */
function binaryFromSource(): string {
  const path = join(folder, "chatporch");
  const main = join(ROOT, "src/main.ts");
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${main}"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What a visitor and the server's counters say of a question that was refused because the event loop is behind. */
function isOverload({ what, first }: Recording["failures"][number]): boolean {
  return /"code":"overloaded"|^chatporch_overload_refusals_total$|status="503"/.test(
    `${what}\n${first}`,
  );
}

describe("a wrong soak command", () => {
  test.each([
    ["minutes", ["--minutes", "ten"], "--minutes takes a number, from 0.05 to 1440."],
    ["minutes, too few", ["--minutes", "0.01"], "--minutes takes a number, from 0.05 to 1440."],
    ["streams", ["--streams", "0"], "--streams takes a whole number from 1 to 60000."],
    ["pause", ["--pause", "1.5"], "--pause takes a whole number from 1 to 10000."],
    ["option", ["--stream", "3"], "'--stream'"],
    ["word", ["overload"], "'overload'"],
  ])("prints the usage for wrong %s", async (_, args, message) => {
    const { exitCode, stderr, left } = await runSoak(...args);
    expect(stderr).toContain(message);
    expect(stderr).toContain("Usage: bun run soak");
    expect(exitCode).toBe(64);
    expect(left).toEqual([]);
  });

  test("is refused in one sentence when the binary is missing", async () => {
    const path = join(folder, "missing");
    const { exitCode, stderr, left } = await runSoak("--binary", path);
    expect(stderr).toBe(`soak: There is no binary at ${path}.\n`);
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });
});

test(
  "a soak of a few seconds has visitors of every kind and right answers, and leaves nothing behind",
  async () => {
    const json = join(folder, "soak.json");
    const args = ["--minutes", "0.1", "--streams", "8", "--tokens", "12", "--pause", "10"];
    args.push("--binary", binaryFromSource(), "--json", json);
    const { exitCode, stdout, stderr, left } = await runSoak(...args);
    expect(stderr).toMatch(/^ 0:04 {2}\d+ streams, \d+ answers, \d+ errors, \d+ MB, lag p99 /m);
    expect(exitCode).toBe(stdout.includes("✗") ? 1 : 0);
    expect(left).toEqual([]);

    const recording: Recording = await Bun.file(json).json();
    expect(recording.memoryBytes).toHaveLength(6);
    // On a machine that runs other tests, the lag may exceed its bound, and the server refuses questions then. This test
    // judges neither.
    const isLate = stdout.includes("✗ lag");
    const failures = recording.failures.filter((failure) => !isLate || !isOverload(failure));
    expect(failures).toEqual([]);
    if (!isLate) expect(stdout).toContain("✓ errors   0\n");
    for (const manner of ["streamed", "whole", "resumed", "left"] as const) {
      expect(recording.answers[manner]).toBeGreaterThan(0);
    }
    expect(recording.pages).toBeGreaterThan(0);
  },
  RUN_TIMEOUT_MS,
);

describe("a quantile of buckets", () => {
  const buckets: Bucket[] = [
    { upTo: 1, count: 50 },
    { upTo: 2, count: 90 },
    { upTo: 4, count: 100 },
    { upTo: Infinity, count: 100 },
  ];

  test("is interpolated in its bucket by its rank", () => {
    expect(bucketQuantile(buckets, 0.25)).toBe(0.5);
    expect(bucketQuantile(buckets, 0.5)).toBe(1);
    expect(bucketQuantile(buckets, 0.7)).toBe(1.5);
    expect(bucketQuantile(buckets, 0.9)).toBe(2);
    expect(bucketQuantile(buckets, 0.95)).toBe(3);
    expect(bucketQuantile(buckets, 1)).toBe(4);
  });

  test("is infinite above the last bound, and NaN without values", () => {
    const beyond = [...buckets.slice(0, 3), { upTo: Infinity, count: 200 }];
    expect(bucketQuantile(beyond, 0.5)).toBe(4);
    expect(bucketQuantile(beyond, 0.51)).toBe(Infinity);
    expect(bucketQuantile([], 0.5)).toBeNaN();
    expect(bucketQuantile([{ upTo: Infinity, count: 0 }], 0.5)).toBeNaN();
  });

  test("is at most a bound exactly when enough values are", () => {
    const values = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (observed, part) => {
        const wait = new Histogram({ name: "wait", help: "Waiting.", buckets: [1, 2, 4] });
        for (const value of observed) wait.observe(value);
        const read = bucketsOf(parseExposition(writeMetric(wait)), "wait");
        for (const { upTo, count } of read) {
          expect(bucketQuantile(read, part) <= upTo).toBe(count >= part * observed.length);
        }
      }),
    );
  });

  test("covers the values counted between two readings", () => {
    const since = countedSince(buckets.slice(0, 2), [
      { upTo: 1, count: 50 },
      { upTo: 2, count: 100 },
    ]);
    expect(since).toEqual([
      { upTo: 1, count: 0 },
      { upTo: 2, count: 10 },
    ]);
    expect(bucketQuantile(since, 0.5)).toBe(1.5);
  });
});

describe("the soak's verdict", () => {
  const MB = 1024 * 1024;
  /** A recording that has each of the given sizes, in megabytes, for a minute. */
  function recording(megabytes: readonly number[], changes: Partial<Recording> = {}): Recording {
    return {
      at: "2026-11-24T12:00:00.000Z",
      bun: "1.4.5",
      options: { seconds: megabytes.length * 60, streams: 2000, tokens: 64, pauseMs: 100 },
      windowSeconds: 60,
      memoryBytes: megabytes.flatMap((size) => Array.from({ length: 60 }, () => size * MB)),
      progress: [],
      lagP99Ms: 11.1,
      shares: { serverCpu: 70, modelCpu: 20, visitorsCpu: 35, serverWaiting: undefined },
      answers: { streamed: 1000, whole: 50, resumed: 100, left: 51 },
      pages: 300,
      errors: 0,
      failures: [],
      ...changes,
    };
  }

  test("compares the memory of the last minute with the second, and lists the other figures", () => {
    const findings = judge(recording([50, 200, 500, 210]));
    expect(table(findings).split("\n")).toEqual([
      "✓ memory   200 MB in the second 60 s, 210 MB in the last: × 1.050 (at most 1.05)",
      "✓ errors   0",
      "✓ lag p99  11.1 ms (under 20)",
      "✓ answers  1,050, of which 50 at once and 100 resumed; 51 left in the middle; 300 pages of the admin API",
      "  CPU      70 % server, 20 % model, 35 % visitors",
    ]);
    expect(isHeld(findings)).toBe(true);
  });

  test.each<[string, Recording, string]>([
    ["memory that grows", recording([50, 200, 200, 211]), "✗ memory   200 MB"],
    ["an event loop that is late", recording([9, 9, 9], { lagP99Ms: 20 }), "✗ lag p99  20.0 ms"],
    ["lag beyond the buckets", recording([9, 9, 9], { lagP99Ms: Infinity }), "✗ lag p99  beyond"],
    [
      "an error, by its name",
      recording([9, 9, 9], { errors: 2, failures: [{ what: "history", count: 2, first: "oh" }] }),
      "✗ errors   2\n           2 × history: oh\n",
    ],
  ])("is negative with %s", (_, given, line) => {
    const findings = judge(given);
    expect(table(findings)).toContain(line);
    expect(isHeld(findings)).toBe(false);
  });

  test("does not judge the memory of a run that was too short", () => {
    const findings = judge(recording([50, 200], { windowSeconds: 40 }));
    expect(table(findings)).toContain("(the run is too short for a verdict)");
    expect(isHeld(findings)).toBe(true);
  });
});

test("a question for words is parsed as it was written, and always gets the same answer", () => {
  const question = { number: 7, tokens: 5, pauseMs: 10, isInWords: true };
  expect(parseQuestion(questionText(question))).toEqual(question);
  expect(answerInWords(question)).toMatch(/^#7(?: [a-z]{4}){4}$/);
  expect(answerInWords(question)).toBe(answerInWords({ ...question }));
  expect(answerInWords({ ...question, number: 8 })).not.toEndWith(answerInWords(question).slice(2));
});
