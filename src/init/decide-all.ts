import { ConfigError, type ConfigProblem } from "../config/problems.ts";
import { randomText } from "../runtime/random-text.ts";
import { decideEnvironment, decidePassword, decidePublicUrl, decideWebsites } from "./decisions.ts";
import type { Draft } from "./draft.ts";
import { decideModel } from "./model.ts";
import type { SetUp } from "./set-up.ts";
import { InitUsageError } from "./usage-error.ts";

/** Settings that are taken over from the environment, so that a start without it finds them, too. */
const TAKEN_OVER = [
  "NODE_ENV",
  "CORS_ORIGIN",
  "PUBLIC_URL",
  "OPENAI_BASE_URL",
  "OPENAI_API_KEY",
  "OPENAI_API_KEY_FILE",
  "OPENAI_MODEL",
  "WIDGET_API_KEY",
  "ADMIN_API_KEY",
  "DASHBOARD_PASSWORD",
  "DASHBOARD_PASSWORD_FILE",
] as const;

/** 192 bits. */
const KEY_BYTES = 24;
/** 120 bits, which nobody guesses, in 20 characters. */
const PASSWORD_BYTES = 15;
/** What is decided here. Production refuses an example in their place. */
const DECIDED: readonly string[] = ["WIDGET_API_KEY", "OPENAI_API_KEY", "CORS_ORIGIN"];
export const NOTHING_WRITTEN = "Nothing was written.";

interface Decided {
  readonly draft: Draft;
  /** By name, the secrets that were made. Nobody knows them yet. */
  readonly made: ReadonlyMap<string, string>;
}

/**
 * Decides everything that is missing, in the order of the questions. What is set already stays as it is.
 * @throws ConfigError when something that is set is wrong
 * @throws InitUsageError when an option is wrong, or when one is missing and nobody can be asked
 */
export async function decideAll(before: Draft, setUp: SetUp): Promise<Decided> {
  refuse(before.problems().filter(({ name }) => name === ".env"));
  let draft = await decideEnvironment(takeOver(before, setUp), setUp);
  refuse(draft.problems().filter(({ name }) => !isStillOpen(name, draft)));
  const fresh = freshSecrets();
  draft = withKeys(draft, fresh);
  draft = await decideWebsites(draft, setUp);
  draft = await decidePublicUrl(draft, setUp);
  draft = await decideModel(draft, setUp);
  if (setUp.needed.length > 0) {
    throw new InitUsageError(
      `needs more, since nobody can be asked without a terminal: ${setUp.needed.join("; ")}. ${NOTHING_WRITTEN}`,
    );
  }
  draft = await decidePassword(draft, setUp, fresh.DASHBOARD_PASSWORD);
  refuse(draft.problems());
  const made = Object.entries(fresh).filter(([name, text]) => draft.added.get(name) === text);
  return { draft, made: new Map(made) };
}

/** Whether the setting has no value yet, and gets one here. */
function isStillOpen(name: string, draft: Draft): boolean {
  return DECIDED.includes(name) && draft.value(name) === undefined;
}

function takeOver(before: Draft, { write }: SetUp): Draft {
  let draft = before;
  for (const name of TAKEN_OVER) {
    const value = before.isOnlyInEnvironment(name) ? before.value(name) : undefined;
    if (value !== undefined) draft = draft.with(name, value);
  }
  const names = Array.from(draft.added.keys());
  if (names.length > 0) write(`Taken over from the environment: ${names.join(", ")}\n`);
  return draft;
}

function freshSecrets() {
  return {
    WIDGET_API_KEY: randomText(KEY_BYTES),
    ADMIN_API_KEY: randomText(KEY_BYTES),
    DASHBOARD_PASSWORD: randomText(PASSWORD_BYTES),
  };
}

function withKeys(before: Draft, fresh: ReturnType<typeof freshSecrets>): Draft {
  let draft = before;
  for (const name of ["WIDGET_API_KEY", "ADMIN_API_KEY"] as const) {
    if (before.value(name) !== undefined) continue;
    const problem = draft.problemWith(name, fresh[name]);
    refuse(problem === undefined ? [] : [problem]);
    draft = draft.with(name, fresh[name]);
  }
  return draft;
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems, NOTHING_WRITTEN);
}
