import { renameSync } from "node:fs";
import { resolve } from "node:path";

import {
  type FinishedProcess,
  runChatporch,
  type RunningServer,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "./process.ts";

/** Fault tests run the compiled binary, because that is what owners run. */

const ROOT = resolve(import.meta.dir, "..");
const BUILT = resolve(ROOT, "dist/faults/chatporch");

let built: Promise<string> | undefined;

/** The path of the binary that CHATPORCH_BINARY names. Without it, the binary is built once for this process. */
export function compiledBinary(): Promise<string> {
  const named = process.env.CHATPORCH_BINARY;
  built ??= named ? Promise.resolve(resolve(named)) : build();
  return built;
}

async function build(): Promise<string> {
  // It is built under a temporary name, because another run may be using the previous binary.
  const unfinished = `${BUILT}.${process.pid}`;
  const { NODE_ENV: _theTests, ...env } = process.env;
  const child = Bun.spawn([process.execPath, "scripts/build.ts", unfinished], {
    cwd: ROOT,
    env,
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`The binary could not be built:\n${output}`);
  renameSync(unfinished, BUILT);
  return BUILT;
}

/** Starts the binary on a free port; see startChatporch. */
export async function startBinary(
  settings: Settings = {},
  folder = temporaryFolder(),
  under: readonly string[] = [],
): Promise<RunningServer> {
  return startChatporch(settings, folder, under, [await compiledBinary()]);
}

/** Runs a command of the binary that ends by itself. */
export async function runBinary(
  args: readonly string[],
  settings: Settings = {},
  folder = temporaryFolder(),
  under: readonly string[] = [],
): Promise<FinishedProcess> {
  return runChatporch(args, settings, folder, under, [await compiledBinary()]);
}
