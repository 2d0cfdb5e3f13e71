import { ConfigError, UnusableSettingError } from "../config/problems.ts";
import { UNSEEN } from "../runtime/safe-text.ts";

/** Exit codes of sysexits.h. */
const EX_USAGE = 64;
const EX_CONFIG = 78;

/** The standard output of a command. */
export interface Output {
  /** Writes after what was written before. */
  write(text: string): void;
  /**
   * Resolves when everything is written, so that the process may end.
   * @throws the error that prevented it, such as a full disk
   */
  flush(): Promise<void>;
}

/**
 * When the reader closes the pipe early, as `head` does, the rest is dropped silently and the command ends with
 * its own exit code.
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

/** Text from elsewhere without characters that a terminal obeys, at the same length. Line ends stay. */
export function harmless(text: string): string {
  return text.replaceAll(UNSEEN, (sign) => (sign === "\n" ? sign : " ".repeat(sign.length)));
}

/** Writes the output of a command. @returns the exit code */
export async function print(text: string): Promise<number> {
  const output = createOutput();
  output.write(text);
  await output.flush();
  return 0;
}

/**
 * @param who the program or command that was used wrongly: `chatporch doctor`
 * @returns the exit code
 */
export function usageError(who: string, problem: string): number {
  process.stderr.write(`${who}: ${problem}\n`);
  return EX_USAGE;
}

/** Prints what a log would say, for commands that people run. */
export function warn(message: string, details: Readonly<Record<string, unknown>> = {}): void {
  const reasons = Object.values(details).map(String);
  process.stderr.write(`chatporch: ${[message, ...reasons].join(": ")}\n`);
}

/** Prints the error's message without its stack, which would hide it. @returns the exit code */
export function explain(error: unknown): number {
  process.stderr.write(`chatporch: ${error instanceof Error ? error.message : String(error)}\n`);
  const isOfSettings = error instanceof ConfigError || error instanceof UnusableSettingError;
  return isOfSettings ? EX_CONFIG : 1;
}
