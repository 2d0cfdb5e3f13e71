import { backupDatabase } from "../parts.ts";
import { dumpCommand } from "./postgres-tools.ts";
import { readSettings } from "./settings.ts";
import { print } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/**
 * Copies the database file to a new one. A server may be running.
 * @throws UsageProblem
 */
export async function backup(words: readonly string[]): Promise<number> {
  const [target, ...others] = words;
  if (target === undefined || target.startsWith("-") || others.length > 0) {
    throw new UsageProblem("takes the name of one new file. See --help.");
  }
  const { path, url } = readSettings().config.database;
  if (url !== undefined) {
    throw new UsageProblem(
      `copies a file, and the conversations are in PostgreSQL. Its own tool copies them: ${dumpCommand(url, target)}`,
    );
  }
  await backupDatabase(path, target);
  return print(`${target} holds a copy of ${path}\n`);
}
