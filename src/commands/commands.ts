import { editDistance, nearest } from "../config/nearest-word.ts";
import { VERSION } from "../runtime/version.ts";
import type { Command } from "./command.ts";
import { helpText } from "./help.ts";
import { setUpRuntime } from "./runtime.ts";
import { print, usageError } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/** The default command. It needs a runtime that is set up for it. */
const SERVE = "serve";
const HELP_OPTIONS: readonly string[] = ["--help", "-h"];

/** Every command, in the order of the help. Its code is loaded when it runs, so that starts are fast. */
const COMMANDS: readonly Command[] = [
  {
    name: SERVE,
    help: ["run the server (the default)"],
    run: async () => (await import("./serve.ts")).serve(),
  },
  {
    name: "init",
    help: [
      "make the file .env, or add what it lacks: asks on a terminal, and takes",
      "options without one; what is set already stays as it is",
    ],
    options: [
      ["--production", "for visitors on the internet"],
      ["--development", "to try it on this machine"],
      ["--website ORIGIN", "a website that may use the chat; may be repeated"],
      ["--public-url URL", "where visitors reach the server"],
      ["--model-url URL", "a model server that speaks OpenAI's API"],
      ["--model NAME", "which of its models answers"],
      ["--openai-key-file FILE", "holds the key of the model's server"],
      ["--password-file FILE", "holds the dashboard's password; else one is made"],
      ["--untried", "do not ask the model for an answer"],
    ],
    run: async (words) => (await import("./init.ts")).init(words),
  },
  {
    name: "backup",
    words: "FILE",
    help: ["write a consistent copy of the database, even while the server runs"],
    run: async (words) => (await import("./backup.ts")).backup(words),
  },
  {
    name: "restore",
    words: "FILE",
    help: [
      "replace the database with a backup, while no server runs;",
      "an existing database is replaced only with --force, and is kept",
    ],
    run: async (words) => (await import("./restore.ts")).restore(words),
  },
  {
    name: "migrate",
    help: [
      "move everything from the database file to the empty PostgreSQL database",
      "of DATABASE_URL, while no server runs; the file is left as it is",
    ],
    run: async () => (await import("./migrate.ts")).migrate(),
  },
  {
    name: "password",
    help: [
      "set the password of the dashboard, even while the server runs: it is asked for,",
      "or read from standard input",
    ],
    run: async () => (await import("./password.ts")).password(),
  },
  {
    name: "learn",
    words: "WHAT",
    help: [
      "have the bot know a website (https://…), a file, a folder, or - for standard input;",
      "again: what has changed; even while the server runs, which reads websites daily",
    ],
    options: [
      ["--every 24h", "how often the server reads the website, from 1h to 365d"],
      ["--only PREFIX", "only pages whose address begins with this"],
      ["--page", "only this page of the website"],
      ["--ignore-robots", "read what its robots.txt forbids: it is your own website"],
      ["--as NAME", "what the files are known by, in place of their path"],
    ],
    run: async (words) => (await import("./learn.ts")).learn(words),
  },
  {
    name: "knowledge",
    words: "[NAME]",
    help: ["list what the bot knows: all sources, or the documents of one"],
    run: async (words) => (await import("./knowledge.ts")).knowledge(words),
  },
  {
    name: "forget",
    words: "NAME",
    help: ["remove a source or a document from what the bot knows"],
    run: async (words) => (await import("./forget.ts")).forget(words),
  },
  {
    name: "recall",
    words: "QUESTION",
    help: ["show what the model would be given with a question, and why; asks no model"],
    options: [
      ["--test FILE", "a CSV with question and url: how many answers are found"],
      ["--floor 0.8", "exit code 1 when recall@5 is below this"],
    ],
    run: async (words) => (await import("./recall.ts")).recall(words),
  },
  {
    name: "test",
    help: [
      "ask the questions that you have answered once with the present instructions, model",
      "and knowledge, and show what has changed, even while the server runs; exit code 1",
      "when an answer is lost, 2 when none could be asked",
    ],
    options: [["--json", "print everything as JSON"]],
    run: async (words) => (await import("./test.ts")).test(words),
  },
  {
    name: "doctor",
    help: ["check settings, database, model and, through the public address, the proxy"],
    options: [
      ["--url URL", "where visitors reach the server (PUBLIC_URL)"],
      ["--idle SECONDS", "how long to keep a stream silent, 0 to 240 (5)"],
    ],
    run: async (words) => (await import("./doctor.ts")).doctor(words),
  },
  {
    name: "health",
    help: ["ask the server on this machine whether it is alive: exit code 0 or 1"],
    run: async () => (await import("./health.ts")).health(),
  },
  {
    name: "openapi",
    help: ["print the OpenAPI document"],
    run: async () => (await import("./openapi.ts")).openApi(),
  },
  {
    name: "--help",
    aliases: ["-h", "help"],
    help: ["show this text"],
    run: () => print(helpText(COMMANDS)),
  },
  {
    name: "--version",
    aliases: ["-v"],
    help: ["show the version"],
    run: () => print(`${VERSION}\n`),
  },
  {
    name: "search",
    words: "DATABASE",
    run: async (words) => (await import("./search.ts")).search(words),
  },
];

/** Runs the command that the command line names. @returns the exit code */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name = SERVE, ...words] = args;
  setUpRuntime({ isServer: name === SERVE });
  if (words.some((word) => HELP_OPTIONS.includes(word))) return print(helpText(COMMANDS));
  const command = COMMANDS.find((each) => each.name === name || each.aliases?.includes(name));
  if (command === undefined) return usageError("chatporch", unknown(name));
  if (words.length > 0 && command.words === undefined && command.options === undefined) {
    return usageError(`chatporch ${name}`, "takes no more words. See --help.");
  }
  try {
    return await command.run(words);
  } catch (error) {
    if (!(error instanceof UsageProblem)) throw error;
    return usageError(`chatporch ${name}`, error.message);
  }
}

/** Two swapped letters count as two edits. */
const MAX_TYPO_EDITS = 2;

function unknown(name: string): string {
  const names = COMMANDS.filter(({ help }) => help !== undefined).map((command) => command.name);
  const meant = nearest(
    name,
    names.filter((each) => editDistance(name, each) <= MAX_TYPO_EDITS),
  );
  const guess = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return `there is no command ${name}.${guess} See --help.`;
}
