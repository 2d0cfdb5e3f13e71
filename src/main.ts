import { runCommand } from "./commands/commands.ts";
import { commandLine } from "./commands/environment.ts";
import { explain } from "./commands/terminal.ts";

// No top-level await: the binary's bytecode does not allow it.
void runCommand(commandLine()).catch(explain).then(process.exit);
