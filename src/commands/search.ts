import { writeSync } from "node:fs";

import { serveSearches } from "../parts.ts";
import { UsageProblem } from "./usage-problem.ts";

/**
 * Searches the database for a server, in a process of its own, so that a long search delays no visitor.
 * @throws UsageProblem
 */
export async function search(words: readonly string[]): Promise<number> {
  const [file, ...others] = words;
  if (file === undefined || others.length > 0) {
    throw new UsageProblem("is started by the server. See --help.");
  }
  await serveSearches(file, Bun.stdin.stream(), (text) => void writeSync(1, text));
  return 0;
}
