import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { UsageProblem } from "./usage-problem.ts";

/**
 * The options and the other words of a command. A lone "-" is a word, and not an option.
 * @throws UsageProblem
 */
export function parseWords<Options extends ParseArgsOptionsConfig>(
  words: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new UsageProblem(`does not understand its options: ${reason}. See --help.`);
  }
}
