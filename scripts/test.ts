import { spawn } from "bun";

/**
 * Runs all tests, two files at a time, because a file often waits: for deadlines, restarts and browsers. Bun gives
 * the next file to the process that has none, and names what failed again at the end.
 * Usage: bun scripts/test.ts
 * With arguments, as `bun test` with them, one file after the other: bun scripts/test.ts tests/turns
 */

/** Each process may hold up to 2 GB, and more of them would disturb the tests that measure time. */
const PROCESSES = 2;
const TIMEOUT_MS = 60_000;
/** In a process, files share the modules that they import. To load them anew for each file would take longer. */
const ALL: readonly string[] = [`--parallel=${PROCESSES}`, "--no-isolate"];

const given = process.argv.slice(2);
const which = given.length > 0 ? given : ALL;
const run = spawn([process.execPath, "test", "--timeout", `${TIMEOUT_MS}`, ...which], {
  stdio: ["ignore", "inherit", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => run.kill(signal));
process.exitCode = await run.exited;
