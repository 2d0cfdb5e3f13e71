import { postgresPlace } from "../config/database.ts";
import { UnusableSettingError } from "../config/problems.ts";
import { migrateDatabase } from "../parts.ts";
import { startProgress } from "./progress.ts";
import { readSettings } from "./settings.ts";
import { abortAtSignal, EXIT_OF_SIGNAL } from "./stop-signal.ts";
import { print, warn } from "./terminal.ts";

/** Moves everything from the database file to the PostgreSQL database. No server may be running. */
export async function migrate(): Promise<number> {
  const { path, url } = readSettings().config.database;
  if (url === undefined) {
    throw new UnusableSettingError(
      "DATABASE_URL is not set. Set it to the address of an empty PostgreSQL database, to which everything is moved.",
    );
  }
  const { signal, stopped } = abortAtSignal();
  const progress = startProgress();
  const place = postgresPlace(url);
  try {
    const moved = await migrateDatabase(path, url, {
      log: { warn },
      signal,
      onProgress: ({ doing, table, rows, ofRows }) =>
        progress.report(`${doing} ${table}`, rows, ofRows),
    });
    progress.end();
    return await print(report(path, place, moved));
  } catch (error) {
    progress.end();
    if (error !== signal.reason) throw error;
    process.stderr.write(`chatporch: stopped. Nothing was moved to ${place}.\n`);
    return EXIT_OF_SIGNAL[await stopped];
  }
}

function report(
  path: string,
  place: string,
  moved: Awaited<ReturnType<typeof migrateDatabase>>,
): string {
  const { conversations, messages, interruptedTurns } = moved;
  const cutOff =
    interruptedTurns === 0
      ? ""
      : `Answers that a crash had cut off are interrupted now: ${interruptedTurns}.\n`;
  const held = `conversations: ${count(conversations)}, messages: ${count(messages)}`;
  return `PostgreSQL at ${place} holds everything that ${path} holds (${held}):
also the figures and the logins of the dashboard, and the keys of the visitors' sessions. Every row was read back
and compared.
${cutOff}
What is next:
  1. Start chatporch with this DATABASE_URL. Visitors and the dashboard go on where they were.
  2. Back up with PostgreSQL's own tools from now on; chatporch backup prints the command.
  3. Delete ${path} when you no longer need it. It is as it was: it holds what visitors said, and to
     erase a conversation no longer reaches it.
`;
}

function count(number: number): string {
  return number.toLocaleString("en");
}
