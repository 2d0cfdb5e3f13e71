import { writeSync } from "node:fs";

import { serveSearches } from "../parts.ts";
import { usageError } from "./terminal.ts";

/** Searches the database for a server, in a process of its own, so that a long search delays no visitor. */
export async function search(words: readonly string[]): Promise<number> {
  const [file, ...others] = words;
  if (file === undefined || others.length > 0) {
    return usageError("chatporch search", "is started by the server. See --help.");
  }
  await serveSearches(file, Bun.stdin.stream(), (text) => void writeSync(1, text));
  return 0;
}
