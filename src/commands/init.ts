import { readTextFile } from "../config/text-file.ts";
import { Report } from "../doctor/report.ts";
import { checkSettings } from "../doctor/settings.ts";
import { decideAll, NOTHING_WRITTEN } from "../init/decide-all.ts";
import { completeDotEnv, findDotEnv, type FoundDotEnv } from "../init/dot-env-file.ts";
import { Draft } from "../init/draft.ts";
import { nextSteps } from "../init/next-steps.ts";
import { type InitOptions, readInitOptions } from "../init/options.ts";
import type { Questions } from "../init/questions.ts";
import { InitUsageError } from "../init/usage-error.ts";
import { createModel } from "../parts.ts";
import { isCompiled, realEnvironment, serverCommand } from "./environment.ts";
import { openPrompts } from "./prompts.ts";
import { readSettings } from "./settings.ts";
import { EXIT_OF_SIGNAL, firstSignal } from "./stop-signal.ts";
import { createOutput, usageError } from "./terminal.ts";

const FOLDER = ".";

/** Makes the file `.env`, or adds what it lacks: by questions on a terminal, by options without one. */
export async function init(words: readonly string[]): Promise<number> {
  try {
    const options = readInitOptions(words);
    if (process.stdin.isTTY && process.stdout.isTTY) return await askAndSetUp(options);
    const output = createOutput();
    await setUp(options, undefined, output.write).finally(output.flush);
    return 0;
  } catch (error) {
    if (!(error instanceof InitUsageError)) throw error;
    return usageError("chatporch init", error.message);
  }
}

/** Ends with the exit code of the signal when the owner leaves. Until then nothing was written. */
async function askAndSetUp(options: InitOptions): Promise<number> {
  const prompts = openPrompts();
  const left = prompts.stopped.then(() => "SIGINT" as const);
  try {
    const work = setUp(options, prompts, prompts.write);
    const signal = await Promise.race([work, left, firstSignal()]);
    if (!signal) return 0;
    prompts.write(`\nStopped. ${NOTHING_WRITTEN}\n`);
    return EXIT_OF_SIGNAL[signal];
  } finally {
    prompts.close();
  }
}

async function setUp(
  options: InitOptions,
  questions: Questions | undefined,
  write: (text: string) => void,
): Promise<void> {
  const env = realEnvironment();
  const isTerminal = questions !== undefined;
  const found = findDotEnv(FOLDER);
  const fileText = found?.text;
  const before = new Draft({ env, fileText, isCompiled: isCompiled(), readTextFile });
  const { draft, made } = await decideAll(before, {
    options,
    questions,
    write,
    isTerminal,
    createModel: (config, notify) => createModel(config.model, notify),
    ollamaHost: env.OLLAMA_HOST,
    now: Date.now,
    needed: [],
  });
  if (draft.added.size === 0) {
    write("Everything is set already. .env stays as it is.\n");
    return;
  }
  completeDotEnv(FOLDER, found, draft.appendix());
  // Nothing waits from here on, so that nobody is told that nothing was written.
  write(`${written(found)} ${Array.from(draft.added.keys()).join(", ")}.\n`);
  const settings = readSettings();
  new Report({ write, isTerminal }).add(checkSettings(settings, undefined));
  write(nextSteps({ config: settings.config, made, program: serverCommand(), isTerminal }));
}

function written(found: FoundDotEnv | undefined): string {
  if (found === undefined) return "\n.env, which only you may read, sets";
  const now = found.isPrivate ? "" : ", which only you may read from now on,";
  return `\n.env${now} also sets`;
}
