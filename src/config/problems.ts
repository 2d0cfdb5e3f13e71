import type { SettingName } from "./setting-names.ts";

/** One thing that keeps the server from starting. It never holds the value: it may be a secret. */
export interface ConfigProblem {
  readonly name: SettingName;
  readonly problem: string;
  readonly example: string;
}

/** Thrown by loadConfig with every problem that was found, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ name, problem, example }) => `  ${name}: ${problem}\n      for example ${name}=${example}`,
    );
    super(`The settings are not usable:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
