import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { BenchError, untilInterrupted } from "../../harness/server-process.ts";
import { chart } from "./chart.ts";
import { runKnowledgeBench } from "./knowledge/main.ts";
import { preparePeer } from "./peer.ts";
import { recordCase, type Recording, table } from "./report.ts";
import { scaleChart } from "./scale-chart.ts";
import type { Bench, Case, Sample, Scenario, Targets } from "./scenario.ts";
import { admin } from "./scenarios/admin.ts";
import { budget } from "./scenarios/budget.ts";
import { crawl } from "./scenarios/crawl.ts";
import { limiter } from "./scenarios/limiter.ts";
import { overload } from "./scenarios/overload.ts";
import { proof } from "./scenarios/proof.ts";
import { json, paced, slow, stream } from "./scenarios/relay.ts";
import { scale } from "./scenarios/scale.ts";
import { startup } from "./scenarios/startup.ts";
import { watch } from "./scenarios/watch.ts";
import { binary, floor, source, type Target } from "./targets.ts";
import { runWidgetBench } from "./widget/main.ts";
import { Workshop } from "./workshop.ts";

const SCENARIOS: readonly Scenario[] = [
  startup,
  json,
  stream,
  paced,
  slow,
  budget,
  limiter,
  proof,
  admin,
  crawl,
  overload,
  watch,
  scale,
];

const PEERS = ["portkey", "none"];
const DEFAULT_RUNS = 5;
const EX_USAGE = 64;

const HELP = `Measures chatporch and compares it with the bare runtime and a peer, all on loopback.

Usage: bun run bench [SCENARIO…] [options]

Scenarios (all of them by default):
${SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join("\n")}

\`bun run bench knowledge\` has no server: it measures how well questions find passages (--help says more).
\`bun run bench widget\` measures how smoothly a browser shows long answers while they are written, and how it proves work.

Options:
  --runs N        runs of each target; the median counts (${DEFAULT_RUNS} for most scenarios)
  --peer NAME     ${PEERS.join(" or ")} (portkey, which is installed into a temporary folder)
  --binary FILE   the compiled chatporch (dist/chatporch)
  --port N        the port of the measured servers (a free port for each)
  --json FILE     write the raw figures
  --chart FILE    draw the ratios to the floor, or the figures of scale, as an SVG; with --from, of an earlier run
  --from FILE     measure nothing; show the figures that --json wrote
`;

class UsageError extends Error {}

interface Options {
  readonly scenarios: readonly Scenario[];
  readonly runs: number | undefined;
  readonly peer: string;
  readonly binaryPath: string;
  readonly port: number | undefined;
  readonly json: string | undefined;
  readonly chart: string | undefined;
  readonly from: string | undefined;
}

function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  if (!PEERS.includes(values.peer)) {
    throw new UsageError(`There is no peer "${values.peer}". There are: ${PEERS.join(", ")}.`);
  }
  const scenarios = positionals.map((name) => {
    const scenario = SCENARIOS.find((known) => known.name === name);
    if (scenario) return scenario;
    const names = SCENARIOS.map((known) => known.name).join(", ");
    throw new UsageError(`There is no scenario "${name}". There are: ${names}.`);
  });
  return {
    scenarios: scenarios.length > 0 ? scenarios : SCENARIOS,
    runs: wholeNumber("--runs", values.runs, 100),
    peer: values.peer,
    binaryPath: resolve(values.binary),
    port: wholeNumber("--port", values.port, 65535),
    json: values.json,
    chart: values.chart,
    from: values.from,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        runs: { type: "string" },
        peer: { type: "string", default: "portkey" },
        binary: { type: "string", default: "dist/chatporch" },
        port: { type: "string" },
        json: { type: "string" },
        chart: { type: "string" },
        from: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= max) return number;
  throw new UsageError(`${name} takes a whole number from 1 to ${max}.`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs the targets in turns, so that other load on the machine affects all of them. */
async function runCase(
  measured: Case,
  bench: Bench,
  runs: number,
): Promise<Map<Target, readonly Sample[]>> {
  const samples = new Map<Target, Sample[]>(measured.targets.map((target) => [target, []]));
  for (let run = 1; run <= runs; run++) {
    for (const [target, taken] of samples) {
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[K${measured.name}: run ${run} of ${runs}, ${target.name}`);
      }
      taken.push(await measured.measure(target, bench));
    }
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return samples;
}

async function measure(options: Options, bench: Workshop): Promise<void> {
  const { binaryPath } = options;
  if (!existsSync(binaryPath)) {
    throw new BenchError(`There is no binary at ${binaryPath}: \`bun run build\` makes one.`);
  }
  const peer = options.peer === "none" ? undefined : await preparePeer(bench);
  const targets: Targets = { floor, source, binary: binary(binaryPath), peer, binaryPath };
  const cases: Recording["cases"][number][] = [];
  for (const scenario of options.scenarios) {
    say(`${scenario.name}: ${scenario.summary}`);
    for (const measured of await scenario.cases(bench, targets)) {
      const runs = options.runs ?? measured.runs ?? DEFAULT_RUNS;
      const recorded = recordCase(measured, await runCase(measured, bench, runs));
      console.log(table(recorded));
      cases.push(recorded);
      // Saved after each case, so that a run that breaks off late loses nothing.
      keep(options, { at: new Date().toISOString(), bun: Bun.version, cases });
    }
  }
}

function keep(options: Options, recording: Recording): void {
  if (options.json) writeFileSync(options.json, `${JSON.stringify(recording, null, 1)}\n`);
  if (options.chart) writeFileSync(options.chart, draw(recording));
}

/** A run of the scenario \`scale\` alone has a chart of its own. */
function draw(recording: Recording): string {
  const isOfReplicas = recording.cases.every(({ name }) => name.startsWith("scale,"));
  return isOfReplicas ? scaleChart(recording) : chart(recording);
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    console.log(HELP);
    return 0;
  }
  if (options.from !== undefined) {
    const recording: Recording = JSON.parse(await Bun.file(options.from).text());
    for (const recorded of recording.cases) console.log(table(recorded));
    if (options.chart) writeFileSync(options.chart, draw(recording));
    return 0;
  }
  const bench = new Workshop({ name: "bench", port: options.port, say });
  try {
    return await Promise.race([measure(options, bench).then(() => 0), untilInterrupted()]);
  } finally {
    await bench.close();
  }
}

/** Prints what went wrong in a sentence, or with a stack when the error is unexpected. Returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof UsageError) {
    say(`${error.message}\n\n${HELP}`);
    return EX_USAGE;
  }
  const isKnown = error instanceof Error && error.constructor !== Error;
  say(isKnown && !(error instanceof TypeError) ? `bench: ${error.message}` : Bun.inspect(error));
  return 1;
}

const [first, ...rest] = process.argv.slice(2);
const run =
  first === "knowledge"
    ? runKnowledgeBench(rest)
    : first === "widget"
      ? runWidgetBench(rest)
      : main(process.argv.slice(2));
process.exit(await run.catch(explain));
