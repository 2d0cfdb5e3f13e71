import { VERSION } from "../runtime/version.ts";
import { type Command, usageOf } from "./command.ts";

const COMMAND_WIDTH = 18;
const OPTION_WIDTH = 24;

/** The text that `--help` shows. */
export function helpText(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [
    ...linesOf(command),
    ...(command.options ?? []).map(
      ([option, help]) => `      ${option.padEnd(OPTION_WIDTH)}${help}`,
    ),
  ]);
  return `chatporch ${VERSION}: chat for websites, in one process

Usage: chatporch [command]

${lines.join("\n")}

Settings come from the environment and from .env in the working directory.
`;
}

function linesOf(command: Command): string[] {
  return (command.help ?? []).map((line, index) => {
    const start = index === 0 ? usageOf(command) : "";
    return `  ${start.padEnd(COMMAND_WIDTH)}${line}`;
  });
}
