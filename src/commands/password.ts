import type { DatabaseSettings } from "../config/database.ts";
import { UnusableSettingError } from "../config/problems.ts";
import { chosenPasswordProblem, hashPassword } from "../dashboard/password-hash.ts";
import { changeOwnerPassword, inspectDatabase } from "../parts.ts";
import { openPrompts } from "./prompts.ts";
import { readSettings } from "./settings.ts";
import { EXIT_OF_SIGNAL, firstSignal } from "./stop-signal.ts";
import { print, warn } from "./terminal.ts";

/** Sets the password of the dashboard: typed on a terminal, or one line of standard input. */
export async function password(): Promise<number> {
  const { database, keys } = readSettings().config;
  if (keys.dashboardPassword !== undefined) {
    throw new UnusableSettingError(
      "DASHBOARD_PASSWORD is set, and it wins over a password that is set here. Change it there, or remove it first.",
    );
  }
  const chosen = process.stdin.isTTY ? await askOrStop() : await readLine();
  if (chosen === undefined) {
    process.stderr.write("\nchatporch: stopped. The password is as it was.\n");
    return EXIT_OF_SIGNAL.SIGINT;
  }
  const passwordHash = await hashPassword(chosen);
  const password = { passwordHash, at: Date.now(), by: "chatporch password" };
  const isThere = await hasDatabase(database);
  await changeOwnerPassword(database, password, { log: { warn } });
  return print(
    isThere
      ? "The password of the dashboard is set. Whoever was logged in has to log in again.\n"
      : `The password of the dashboard is set. chatporch made ${database.path}, which was not there. If a server has run ` +
          "before, repeat this in its folder and with its settings.\n",
  );
}

/** A server makes its tables at the start, so only a file may be missing without anybody noticing. */
async function hasDatabase({ path, url }: DatabaseSettings): Promise<boolean> {
  return url !== undefined || (await inspectDatabase(path)).kind === "found";
}

/** Returns undefined when the owner leaves. */
async function askOrStop(): Promise<string | undefined> {
  const prompts = openPrompts();
  const left = Promise.race([prompts.stopped, firstSignal()]).then(() => undefined);
  try {
    return await Promise.race([ask(), left]);
  } finally {
    prompts.close();
  }

  async function ask(): Promise<string> {
    for (;;) {
      const typed = await prompts.askSecret("New password of the dashboard");
      const problem = chosenPasswordProblem(typed);
      if (problem !== undefined) prompts.write(`  It ${problem}.\n`);
      else if (typed === (await prompts.askSecret("The same again"))) return typed;
      else prompts.write("  These were two different passwords.\n");
    }
  }
}

/** More than any password, so that a wrong file is not read to its end. */
const MAX_BYTES = 16 * 1024;

async function readLine(): Promise<string> {
  let text = "";
  const utf8 = new TextDecoder();
  for await (const chunk of Bun.stdin.stream()) {
    text += utf8.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) break;
  }
  const line = text.trim();
  const problem = line === "" ? "is empty" : chosenPasswordProblem(line);
  if (problem !== undefined) throw new Error(`The password on standard input ${problem}.`);
  return line;
}
