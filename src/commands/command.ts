/** A command of the chatporch program. */
export interface Command {
  readonly name: string;
  /** Other names of the command. */
  readonly aliases?: readonly string[];
  /** The arguments, as the help shows them: `FILE`. Missing: the command takes none. */
  readonly words?: string;
  /** Lines of the help. Missing: the help does not list the command. */
  readonly help?: readonly string[];
  /** The options, each with its line of the help. */
  readonly options?: readonly (readonly [option: string, help: string])[];
  /** Resolves with the exit code. @throws UsageProblem */
  readonly run: (words: readonly string[]) => Promise<number>;
}

/** The usage of a command, such as `backup FILE`. */
export function usageOf({ name, words }: Command): string {
  return words === undefined ? name : `${name} ${words}`;
}
