import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { InitUsageError } from "./usage-error.ts";

/** What the command line decides. */
export interface InitOptions {
  readonly environment: "production" | "development" | undefined;
  readonly websites: readonly string[];
  readonly publicUrl: string | undefined;
  readonly modelUrl: string | undefined;
  readonly modelName: string | undefined;
  /** An absolute path. */
  readonly openAiKeyFile: string | undefined;
  /** An absolute path. */
  readonly passwordFile: string | undefined;
  /** The model is not asked, for example because it is not there yet. */
  readonly isUntried: boolean;
}

const TEXT = { type: "string", multiple: true } as const;
const FLAG = { type: "boolean" } as const;
const OPTIONS = {
  production: FLAG,
  development: FLAG,
  website: TEXT,
  "public-url": TEXT,
  "model-url": TEXT,
  model: TEXT,
  "openai-key-file": TEXT,
  "password-file": TEXT,
  untried: FLAG,
} as const;

/** @throws InitUsageError */
export function readInitOptions(words: readonly string[]): InitOptions {
  const values = parse(words);
  if (values.production && values.development) {
    throw new InitUsageError("takes --production or --development, not both.");
  }
  const development = values.development ? "development" : undefined;
  return {
    environment: values.production ? "production" : development,
    websites: values.website ?? [],
    publicUrl: one("public-url", values["public-url"]),
    modelUrl: withoutPassword(one("model-url", values["model-url"])),
    modelName: one("model", values.model),
    openAiKeyFile: lasting("openai-key-file", values["openai-key-file"]),
    passwordFile: lasting("password-file", values["password-file"]),
    isUntried: values.untried === true,
  };
}

function parse(words: readonly string[]) {
  for (const word of words) refuseUnknown(word.split("=", 1)[0] ?? "");
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: OPTIONS,
      allowPositionals: true,
    });
    // The word is not repeated, because it may be a key.
    if (positionals.length > 0) throw new InitUsageError("takes options only. See --help.");
    const empty = Object.entries(values).find(([, value]) => [value].flat().includes(""));
    if (empty !== undefined) throw new InitUsageError(`--${empty[0]} is empty. See --help.`);
    return values;
  } catch (error) {
    if (error instanceof InitUsageError) throw error;
    const isOfFlag = words.some((word) => /^--(?:production|development|untried)=/.test(word));
    const problem = isOfFlag ? "has an option that takes no value" : "has an option without value";
    throw new InitUsageError(`${problem}. See --help.`);
  }
}

/** Options that people would expect, and what they should give instead. */
const WITH_A_SECRET: Readonly<Record<string, string>> = {
  "--openai-key": "--openai-key-file",
  "--openai-api-key": "--openai-key-file",
  "--api-key": "--openai-key-file",
  "--key": "--openai-key-file",
  "--password": "--password-file",
  "--dashboard-password": "--password-file",
};

function refuseUnknown(name: string): void {
  if (!name.startsWith("-") || Object.keys(OPTIONS).includes(name.slice(2))) return;
  const file = WITH_A_SECRET[name];
  throw new InitUsageError(
    file === undefined
      ? `has no option ${name}. See --help.`
      : `takes no secret on the command line, which others can see. Name a file that holds it: ${file} FILE`,
  );
}

function one(name: string, values: readonly string[] = []): string | undefined {
  if (values.length > 1) throw new InitUsageError(`--${name} is given more than once.`);
  return values[0];
}

/** The server reads the file at every start, so it must be there for longer than this command. */
function lasting(name: string, values: readonly string[] | undefined): string | undefined {
  const file = one(name, values);
  if (file === undefined) return undefined;
  const path = resolve(file);
  if (/^\/(?:dev|proc)\//.test(path)) {
    throw new InitUsageError(`--${name} must name a file that stays: every start reads it.`);
  }
  return path;
}

function withoutPassword(url: string | undefined): string | undefined {
  if (url !== undefined && URL.canParse(url) && new URL(url).password !== "") {
    throw new InitUsageError(
      "takes no secret on the command line, which others can see. Set OPENAI_BASE_URL in the environment instead.",
    );
  }
  return url;
}
