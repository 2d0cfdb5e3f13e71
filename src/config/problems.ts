/** One thing that keeps the server from starting. It never holds the value: it may be a secret. */
export interface ConfigProblem {
  /** A setting, or `.env`. */
  readonly name: string;
  readonly problem: string;
  /** A right value; undefined where the file is wrong, and not a value. */
  readonly example?: string;
}

/** Thrown by loadConfig with every problem that was found, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  /** @param note a sentence for all of them, such as which environment they were checked for */
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

/** Thrown when a setting is well written, and this machine does not let it be used. */
export class UnusableSettingError extends Error {
  override readonly name: string = "UnusableSettingError";
}
