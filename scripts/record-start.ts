import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binary } from "./bench/targets.ts";
import { compileBinary, START_ORDER } from "./binary.ts";

/**
 * Records which functions the start of a server uses, for the layout of the binary's bytecode (see binary.ts).
 * Functions are known by a hash of their syntax, so an old record still serves: what has changed since is only
 * laid out a little further away. Record it again before a release.
 * Usage: bun scripts/record-start.ts
 */

/** The first line of a record says its format. */
const FORMAT = "v2";
/** What timers do in the first seconds, an idle server does for as long as it runs. */
const RECORDED_MS = 3000;

const folder = mkdtempSync(join(tmpdir(), "chatporch-record-"));
try {
  const program = join(folder, "chatporch");
  const problems = await compileBinary(program);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const recorded = join(folder, "recorded");
  // The runtime writes the record when the process ends.
  const target = binary(program, { BUN_BYTECODE_ORDER_OUT: recorded });
  // No question is asked, so no model is needed.
  const server = await target.start({ folder, modelUrl: "http://127.0.0.1:9" });
  await Bun.sleep(RECORDED_MS);
  await server.stop();
  const functions = functionsOf(readFileSync(recorded, "utf8"));
  writeFileSync(START_ORDER, [FORMAT, ...functions, ""].join("\n"));
  console.log(`${START_ORDER}: ${functions.length} functions`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The lines of functions. Those of strings and constants are twenty times as many and save nothing more. Sorted, so
 * that two records differ only where the starts did.
 */
function functionsOf(record: string): string[] {
  const [format, ...lines] = record.split("\n");
  if (format !== FORMAT) throw new Error(`The record has another format: ${format}`);
  return lines.filter((line) => line.startsWith("F ")).toSorted();
}
