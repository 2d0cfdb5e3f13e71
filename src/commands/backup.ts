import { backupDatabase } from "../parts.ts";
import { readSettings } from "./settings.ts";
import { print, usageError } from "./terminal.ts";

/** Copies the database to a new file. A server may be running. */
export async function backup(words: readonly string[]): Promise<number> {
  const [target, ...others] = words;
  if (target === undefined || target.startsWith("-") || others.length > 0) {
    return usageError("chatporch backup", "takes the name of one new file. See --help.");
  }
  const { path } = readSettings().config.database;
  await backupDatabase(path, target);
  return print(`${target} holds a copy of ${path}\n`);
}
