import { ConfigError, UnusableSettingError } from "../config/problems.ts";

/** Exit codes of sysexits.h. */
const EX_USAGE = 64;
const EX_CONFIG = 78;

/** The standard output of a command that ends by itself. */
export interface Output {
  /** Writes after what was written before. */
  write(text: string): void;
  /**
   * Resolves when whoever reads has everything, so that the process may end.
   * @throws what kept it from being written, such as a full disk
   */
  flush(): Promise<void>;
}

/**
 * A reader that leaves before the end, as `head` does, has what it wants: the rest is dropped without a word, and
 * the command ends with its own exit code.
 */
export function createOutput(): Output {
  let written: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  return {
    write(text) {
      written = written
        .then(() => (failure === undefined ? Bun.write(Bun.stdout, text) : undefined))
        .catch((error: unknown) => {
          failure = error;
        });
    },
    async flush() {
      await written;
      const hasLeft = failure instanceof Error && "code" in failure && failure.code === "EPIPE";
      if (failure !== undefined && !hasLeft) throw failure;
    },
  };
}

/** Writes all that a command has to say. @returns the exit code */
export async function print(text: string): Promise<number> {
  const output = createOutput();
  output.write(text);
  await output.flush();
  return 0;
}

/**
 * @param who the program, or the command that was used in a wrong way: `chatporch doctor`
 * @returns the exit code
 */
export function usageError(who: string, problem: string): number {
  process.stderr.write(`${who}: ${problem}\n`);
  return EX_USAGE;
}

/** A failure is explained in a sentence; a stack would hide it. @returns the exit code */
export function explain(error: unknown): number {
  process.stderr.write(`chatporch: ${error instanceof Error ? error.message : String(error)}\n`);
  const isOfSettings = error instanceof ConfigError || error instanceof UnusableSettingError;
  return isOfSettings ? EX_CONFIG : 1;
}
