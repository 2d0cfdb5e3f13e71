import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";

import type { Advice } from "./advice.ts";
import { parseEnvFile } from "./env-file.ts";
import { isSettingName } from "./groups.ts";
import type { ConfigProblem } from "./problems.ts";
import type { Env } from "./setting-reader.ts";
import { readTextFile, UnreadableFileError } from "./text-file.ts";
import { findTypos } from "./typos.ts";

/** Our settings in the file `.env`. Its other variables are ignored. */
export interface DotEnv {
  readonly values: Env;
  readonly problems: readonly ConfigProblem[];
  readonly advice: readonly Advice[];
  /** Whether every user of the machine can read the file. */
  readonly isReadableByOthers: boolean;
}

export const NO_DOT_ENV: DotEnv = {
  values: {},
  problems: [],
  advice: [],
  isReadableByOthers: false,
};

/** Files that Bun and other tools read besides `.env`, but chatporch does not. */
const OTHER_FILES = [
  ".env.local",
  ".env.development",
  ".env.development.local",
  ".env.production",
  ".env.production.local",
  ".env.test",
  ".env.test.local",
];
const READABLE_BY_OTHERS = 0o004;

/** Reads our settings from `.env` in a folder. Its other variables never reach this process or its children. */
export function readDotEnv(folder: string): DotEnv {
  const path = join(folder, ".env");
  const others = OTHER_FILES.flatMap((name) => adviseOnOtherFile(folder, name));
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    return { ...NO_DOT_ENV, advice: others };
  }
  try {
    const read = parseDotEnv(readTextFile(path));
    const isReadableByOthers = (statSync(path).mode & READABLE_BY_OTHERS) !== 0;
    return { ...read, advice: [...read.advice, ...others], isReadableByOthers };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    const problem = `cannot be read: ${error.message}`;
    return { ...NO_DOT_ENV, problems: [{ name: ".env", problem }] };
  }
}

/** Our settings in the text of a file `.env`. */
export function parseDotEnv(text: string): Omit<DotEnv, "isReadableByOthers"> {
  const values: Record<string, string> = {};
  const problems: ConfigProblem[] = [];
  const advice: Advice[] = [];
  const strangers: Record<string, string> = {};
  for (const line of parseEnvFile(text)) {
    const { name } = line;
    if (line.kind === "problem") {
      // A line for another program may follow other rules.
      if (name !== undefined && !isSettingName(name)) continue;
      problems.push({ name: ".env", problem: line.problem });
    } else if (isSettingName(line.name)) {
      if (line.name in values) advice.push(setTwice(line.name));
      if (line.isAllComment) advice.push(allComment(line.name));
      if (/\$\{\w+\}/.test(line.value)) advice.push(notExpanded(line.name));
      values[line.name] = line.value;
    } else strangers[line.name] = line.value;
  }
  const unused = Object.keys(strangers).filter((name) => OF_THE_RUNTIME.test(name));
  advice.push(...unused.map(notTaken), ...findTypos(strangers));
  return { values, problems, advice };
}

/** Variables that change how a process runs. Owners may expect them to work from `.env`, as they do in Bun. */
const OF_THE_RUNTIME =
  /^(?:https?_proxy|no_proxy|all_proxy|node_(?!env$).+|bun_.+|ssl_cert_.+|tz)$/i;

function notTaken(name: string): Advice {
  return {
    id: "not-taken",
    severity: "warning",
    says: `.env has ${name}, which is not a setting of chatporch, so it has no effect there.`,
    mend: "Set it in the environment.",
  };
}

function setTwice(name: string): Advice {
  return {
    id: "set-twice",
    severity: "warning",
    says: `.env sets ${name} twice, and the last one counts.`,
    mend: "Remove the other line.",
  };
}

function allComment(name: string): Advice {
  return {
    id: "all-comment",
    severity: "warning",
    says: `.env sets ${name} to nothing: what follows = begins with #, which begins a comment.`,
    mend: `If it is the value, put it in quotes: ${name}='#…'`,
  };
}

function notExpanded(name: string): Advice {
  return {
    id: "not-expanded",
    severity: "warning",
    says: `.env has \${…} in ${name}. A dollar sign stands for itself: nothing is put in its place.`,
    mend: "Write the value out.",
  };
}

function adviseOnOtherFile(folder: string, name: string): Advice[] {
  const path = join(folder, name);
  // Reading a named pipe would wait for a writer.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
  try {
    const lines = parseEnvFile(readTextFile(path));
    const found = lines.find((line) => line.name !== undefined && isSettingName(line.name));
    if (found === undefined) return [];
  } catch {
    // A file that is not text, or that we may not read, is not meant for chatporch.
    return [];
  }
  return [
    {
      id: "other-env-file",
      severity: "warning",
      says: `${name} has settings of chatporch, but it is not read.`,
      mend: "Move them to .env, or into the environment.",
    },
  ];
}
