import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { chart } from "../../scripts/bench/chart.ts";
import { type RecordedCase, type Recording, table } from "../../scripts/bench/report.ts";
import type { Bound } from "../../scripts/bench/scenario.ts";
import { median, quantile } from "../../scripts/bench/statistics.ts";

// The test of a server that dies measures the whole floor first.
setDefaultTimeout(60_000);

const BENCH = resolve(import.meta.dir, "../../scripts/bench/main.ts");
const folder = mkdtempSync(join(tmpdir(), "chatporch-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Processes of a running or ended bench, found by the folder that all of them know. */
function processesOf(root: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(root);
    } catch {
      // The process has ended meanwhile, or belongs to another user.
      return false;
    }
  });
}

/** Runs a bench with a temporary folder of its own, so that everything that it leaves can be found. */
function startBench(args: readonly string[]) {
  const root = mkdtempSync(join(folder, "tmp-"));
  const child = Bun.spawn([process.execPath, BENCH, ...args], {
    env: { ...process.env, TMPDIR: root },
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = Promise.all([child.stdout.text(), child.stderr.text()]);
  return { child, root, output };
}

async function runBench(...args: readonly string[]) {
  const { child, root, output } = startBench(args);
  const [stdout, stderr] = await output;
  const exitCode = await child.exited;
  return { exitCode, stdout, stderr, left: [...processesOf(root), ...readdirSync(root)] };
}

/** Writes an executable that replaces chatporch. */
function fakeBinary(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${script}`);
  chmodSync(path, 0o755);
  return path;
}

/** A server that is ready, and ends with the first question. */
const MORTAL = `
  Bun.serve({
    hostname: "127.0.0.1",
    port: process.env.PORT,
    fetch(request) {
      if (request.method === "GET") return new Response("ok");
      console.error("enough of this");
      process.exit(3);
    },
  });
`;

const FAKE = ["json", "--peer", "none", "--runs", "1", "--binary"];

describe("a wrong bench command", () => {
  test.each([
    ["scenario", ["jason"], 'There is no scenario "jason". There are: startup, '],
    ["peer", ["--peer", "nobody"], 'There is no peer "nobody". There are: portkey, none.'],
    ["number of runs", ["--runs", "0"], "--runs takes a whole number from 1 to 100."],
    ["port", ["--port", "http"], "--port takes a whole number from 1 to 65535."],
    ["option", ["--rnus", "3"], "'--rnus'"],
  ])("prints the usage for an unknown %s", async (_, args, message) => {
    const { exitCode, stderr, left } = await runBench(...args);
    expect(stderr).toContain(message);
    expect(stderr).toContain("Usage: bun run bench");
    expect(exitCode).toBe(64);
    expect(left).toEqual([]);
  });
});

describe("the bench ends with a sentence and leaves nothing behind", () => {
  test("when the binary is missing", async () => {
    const path = join(folder, "missing");
    const { exitCode, stderr, left } = await runBench(...FAKE, path);
    expect(stderr).toBe(`bench: There is no binary at ${path}: \`bun run build\` makes one.\n`);
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });

  test("when the port is in use", async () => {
    using other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("ok") });
    const binary = fakeBinary("unused", "");
    const { exitCode, stderr, left } = await runBench(...FAKE, binary, "--port", `${other.port}`);
    expect(stderr).toContain(`bench: Port ${other.port} `);
    expect(stderr).not.toContain("    at ");
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });

  test("when a server ends before it answers", async () => {
    const binary = fakeBinary("lame", "console.error('no such luck'); process.exit(78);");
    const { exitCode, stderr, left } = await runBench("startup", ...FAKE.slice(1), binary);
    expect(stderr).toContain("bench: chatporch ended with 78. It said:\nno such luck\n");
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });

  test("when a server dies in the middle", async () => {
    const binary = fakeBinary("mortal", MORTAL);
    const { exitCode, stderr, left } = await runBench(...FAKE, binary);
    expect(stderr).toContain("bench: chatporch ended with 3. It said:\nenough of this\n");
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("when it gets a %s", async (signal) => {
    const { child, root, output } = startBench([...FAKE, fakeBinary("unused", "")]);
    while (processesOf(root).length < 3) await Bun.sleep(5);
    child.kill(signal);
    expect(await child.exited).toBe(signal === "SIGINT" ? 130 : 143);
    expect((await output)[1]).not.toContain("bench: ");
    expect(processesOf(root)).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("the bench's figures", () => {
  test("have the mean of the two middle values as the median of an even count", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([])).toBe(0);
  });

  test("have quantiles of the nearest rank, and leave the values in their order", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile(values, 1)).toBe(100);
    expect(quantile(values, 0)).toBe(1);
    expect(values[0]).toBe(100);
  });
});

/** One metric of some targets, a sample for each number. */
function recordedCase(
  figures: Readonly<Record<string, readonly number[]>>,
  {
    name = "json",
    key = "cpuPerAnswer",
    bound,
  }: { name?: string; key?: string; bound?: Bound } = {},
): RecordedCase {
  const metric = { key, label: "CPU an answer", unit: "ms", digits: 2, ...(bound && { bound }) };
  return {
    name,
    metrics: [metric],
    baseline: "floor",
    subject: "chatporch",
    targets: Object.entries(figures).map(([target, values]) => ({
      name: target,
      samples: values.map((value) => ({ [key]: value })),
    })),
  };
}

describe("the bench's table", () => {
  test("shows medians, and their ratios to the floor's", () => {
    const lines = table(recordedCase({ floor: [2, 1, 9], chatporch: [3, 3, 8], none: [] })).split(
      "\n",
    );
    expect(lines).toEqual([
      "",
      "json (median of 3, × floor)",
      "           CPU an answer, ms",
      "floor                   2.00",
      "chatporch       3.00 (1.50×)",
      "none                       –",
    ]);
  });

  test.each<[Bound, string]>([
    [{ of: "value", atMost: 3 }, "✓ CPU an answer ≤ 3 ms: 3.00"],
    [{ of: "value", atMost: 2.9 }, "✗ CPU an answer ≤ 2.9 ms: 3.00"],
    [{ of: "value", atLeast: 4 }, "✗ CPU an answer ≥ 4 ms: 3.00"],
    [{ of: "ratio", atMost: 1.5 }, "✓ CPU an answer ≤ 1.5 × floor: 1.50"],
    [{ of: "ratio", atLeast: 1.6 }, "✗ CPU an answer ≥ 1.6 × floor: 1.50"],
    [{ of: "difference", atMost: 1 }, "✓ CPU an answer ≤ 1 ms more than floor: 1.00"],
  ])("says whether a bound holds: %j", (bound, verdict) => {
    const recorded = recordedCase({ floor: [2], chatporch: [3] }, { bound });
    expect(table(recorded).split("\n").at(-1)).toBe(verdict);
  });

  test("has no verdict on a bound that could not be measured", () => {
    const recorded = recordedCase({ chatporch: [3] }, { bound: { of: "ratio", atMost: 1 } });
    expect(table(recorded)).not.toMatch(/[✓✗]/);
  });
});

describe("the bench's chart", () => {
  const recording: Recording = {
    at: "2026-11-24T12:00:00.000Z",
    bun: "1.4.5",
    cases: [
      recordedCase({ floor: [2], chatporch: [3], "chatporch (source)": [5], "<peer>": [200] }),
      recordedCase({ chatporch: [3] }, { name: "paced", key: "cpuPerThousandTokens" }),
    ],
  };
  const svg = chart(recording);

  test("shows the binary and the peer as multiples of the floor, and describes them in text", () => {
    expect(svg).toContain(">1.50×</text>");
    expect(svg).toContain(">100×</text>");
    expect(svg).toMatch(/<desc [^>]*>CPU of a JSON chat \(.*\): chatporch 1.50×, &lt;peer> 100× /);
    expect(svg).not.toContain("source");
  });

  test("leaves out cases that were not measured, or were measured without a floor", () => {
    expect(svg.match(/class="label"/g)).toHaveLength(1);
    expect(chart({ ...recording, cases: [] })).toContain("</svg>");
  });

  test("is well-formed, and has light and dark colours", () => {
    const opened = svg.match(/<[a-z]+(?=[ >])[^>]*[^/]>|<[a-z]+>/g) ?? [];
    expect(svg.match(/<\/[a-z]+>/g)).toHaveLength(opened.length);
    expect(svg).toContain("prefers-color-scheme: dark");
  });
});
