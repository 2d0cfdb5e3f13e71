/** One thing that chatporch does when it is started. */
export interface Command {
  readonly name: string;
  /** Other words for the same. */
  readonly aliases?: readonly string[];
  /** What may follow the name, as the help shows it: `FILE`. Missing: nothing may. */
  readonly words?: string;
  /** Lines of the help. Missing: the command is not for people. */
  readonly help?: readonly string[];
  /** What may follow the name, a line of the help each. */
  readonly options?: readonly (readonly [option: string, help: string])[];
  /** Resolves with the exit code. */
  readonly run: (words: readonly string[]) => Promise<number>;
}

/** How a command is written: `backup FILE`. */
export function usageOf({ name, words }: Command): string {
  return words === undefined ? name : `${name} ${words}`;
}
