/** A problem that keeps the server from starting. It never contains the value, which may be a secret. */
export interface ConfigProblem {
  /** A setting, or `.env`. */
  readonly name: string;
  readonly problem: string;
  /** A valid value. Missing: the file is wrong, not a value. */
  readonly example?: string;
}

/** Thrown by loadConfig with all problems, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  /** @param note a sentence after the problems, such as which environment they were checked for */
  constructor(problems: readonly ConfigProblem[], note?: string) {
    const lines = problems.map(({ name, problem, example }) =>
      example === undefined
        ? `  ${name}: ${problem}`
        : `  ${name}: ${problem}\n      for example ${name}=${example}`,
    );
    const notes = note === undefined ? [] : [note];
    super(["The settings are not usable:", ...lines, ...notes].join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** Thrown when a setting is valid but cannot be used on this machine. */
export class UnusableSettingError extends Error {
  override readonly name: string = "UnusableSettingError";
}
