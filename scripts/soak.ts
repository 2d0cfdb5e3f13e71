import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { BenchError, runCommand, untilInterrupted } from "../harness/server-process.ts";
import { binary } from "./bench/targets.ts";
import { Workshop } from "./bench/workshop.ts";
import { METRICS_KEY } from "./soak/owner.ts";
import { soak, type SoakOptions } from "./soak/run.ts";
import { isHeld, judge, progressLine, table } from "./soak/verdict.ts";

const ROOT = resolve(import.meta.dir, "..");
const DEFAULT_BINARY = resolve(ROOT, "dist/chatporch");
const MAX_MINUTES = 24 * 60;
/** Warm-up, second part and last part take one second each. */
const MIN_SECONDS = 3;
const MAX_STREAMS = 60_000;
const EX_USAGE = 64;

const HELP = `Puts a chatporch under load for minutes, like visitors and an owner, and checks that its memory
does not grow, that there is no error, and that its event loop is never late.

Usage: bun run soak [options]

Options:
  --minutes N    how long the load lasts (10); memory is judged from 3 minutes on
  --streams N    visitors at once (2000, half of what \`bun run bench overload\` measures)
  --tokens N     the mean length of an answer (64)
  --pause MS     the time between two tokens of an answer (100)
  --binary FILE  the compiled chatporch (dist/chatporch, which is built when it is missing)
  --json FILE    write the raw figures
`;

class UsageError extends Error {}

interface Options extends SoakOptions {
  readonly binaryPath: string;
  readonly json: string | undefined;
}

function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const minutes = Number(values.minutes);
  const seconds = Math.round(minutes * 60);
  if (!(seconds >= MIN_SECONDS && minutes <= MAX_MINUTES)) {
    throw new UsageError(`--minutes takes a number, from 0.05 to ${MAX_MINUTES}.`);
  }
  return {
    seconds,
    streams: wholeNumber("--streams", values.streams, 1, MAX_STREAMS),
    tokens: wholeNumber("--tokens", values.tokens, 4, 1000),
    pauseMs: wholeNumber("--pause", values.pause, 1, 10_000),
    binaryPath: resolve(values.binary ?? DEFAULT_BINARY),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h", default: false },
        minutes: { type: "string", default: "10" },
        streams: { type: "string", default: "2000" },
        tokens: { type: "string", default: "64" },
        pause: { type: "string", default: "100" },
        binary: { type: "string" },
        json: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`${name} takes a whole number from ${min} to ${max}.`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** @throws BenchError when the binary does not exist or cannot be built */
async function findBinary(path: string): Promise<void> {
  if (existsSync(path)) return;
  if (path !== DEFAULT_BINARY) throw new BenchError(`There is no binary at ${path}.`);
  say("soak: building dist/chatporch, which is missing");
  await runCommand("build", [process.execPath, "scripts/build.ts", path], ROOT);
}

/** @returns whether every bound was kept */
async function run(options: Options, workshop: Workshop): Promise<boolean> {
  await findBinary(options.binaryPath);
  const { binaryPath, json, ...load } = options;
  const { seconds, streams, tokens, pauseMs } = load;
  say(`soak: ${seconds} s, ${streams} streams, ${tokens} tokens at ${pauseMs} ms`);
  const recording = await workshop.withServer(
    binary(binaryPath, { METRICS_KEY }),
    (server, model) => soak(server, model, load, (progress) => say(progressLine(progress))),
  );
  const findings = judge(recording);
  console.log(table(findings));
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ ...recording, findings }, null, 1)}\n`);
  }
  return isHeld(findings);
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    console.log(HELP);
    return 0;
  }
  const workshop = new Workshop({ name: "soak", say });
  try {
    const held = run(options, workshop).then((isGood) => (isGood ? 0 : 1));
    return await Promise.race([held, untilInterrupted()]);
  } finally {
    await workshop.close();
  }
}

/** Prints what went wrong in a sentence, or with a stack when the error is unexpected. Returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof UsageError) {
    say(`${error.message}\n\n${HELP}`);
    return EX_USAGE;
  }
  say(error instanceof BenchError ? `soak: ${error.message}` : Bun.inspect(error));
  return 1;
}

process.exit(await main(process.argv.slice(2)).catch(explain));
