import { existsSync } from "node:fs";

/**
 * Runs all tests, those that only wait beside the others. They wait for real time, up to a minute and more, need
 * next to no processor, and all that they measure has seconds to spare. Their results are printed last.
 * Usage: bun scripts/test.ts
 * With arguments, as `bun test` with them: bun scripts/test.ts tests/turns
 */

/** Only files whose tests a busy machine cannot disturb, and which disturb no other. */
const WAITING_FILES: readonly string[] = ["tests/e2e/real-time.test.ts"];
const TIMEOUT_MS = 60_000;

function runTests(args: readonly string[], stdout: "inherit" | "pipe") {
  return Bun.spawn([process.execPath, "test", "--timeout", `${TIMEOUT_MS}`, ...args], {
    stdin: "ignore",
    stdout,
    // Bun writes the results of tests to it.
    stderr: stdout,
  });
}

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0) return runTests(args, "inherit").exited;

  for (const file of WAITING_FILES) {
    if (!existsSync(file)) throw new Error(`${file} does not exist.`);
  }
  const waiting = runTests(WAITING_FILES, "pipe");
  const waitingOutput = Promise.all([readAll(waiting.stdout), readAll(waiting.stderr)]);
  const ignored = WAITING_FILES.flatMap((file) => ["--path-ignore-patterns", file]);
  const code = await runTests(ignored, "inherit").exited;
  for (const text of await waitingOutput) process.stderr.write(text);
  return code || (await waiting.exited);
}

function readAll(stream: ReadableStream | undefined): Promise<string> {
  return new Response(stream).text();
}

process.exitCode = await main(process.argv.slice(2));
