import { restoreDatabase } from "../parts.ts";
import { restoreCommand } from "./postgres-tools.ts";
import { readSettings } from "./settings.ts";
import { print } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/**
 * Replaces the database with a backup. No server may be running.
 * @throws UsageProblem
 */
export async function restore(words: readonly string[]): Promise<number> {
  const [source, ...otherFiles] = words.filter((word) => !word.startsWith("-"));
  const [option, ...otherOptions] = words.filter((word) => word.startsWith("-"));
  const isForced = option === "--force";
  const isWrong =
    otherFiles.length + otherOptions.length > 0 || (option !== undefined && !isForced);
  if (source === undefined || isWrong) {
    throw new UsageProblem("takes one file, and --force. See --help.");
  }
  const { path: target, url } = readSettings().config.database;
  if (url !== undefined) {
    throw new UsageProblem(
      `replaces a file, and the conversations are in PostgreSQL. Stop all servers, and then its own tool ` +
        `takes a copy that pg_dump has made: ${restoreCommand(url, source)}`,
    );
  }
  const { conversations, kept } = await restoreDatabase({ source, target, isForced });
  const done = `${target} holds what ${source} holds (conversations: ${conversations})\n`;
  return print(kept === undefined ? done : `${done}The database that was there is ${kept}\n`);
}
