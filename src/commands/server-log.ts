import { writeSync } from "node:fs";

import { type Config, secretsOf } from "../config/config.ts";
import { createLineBuffer } from "../runtime/line-buffer.ts";
import { createLogger, type Logger } from "../runtime/logger.ts";

/** The log of a server, on standard output. Its last lines are written even when the process exits early. */
export function createServerLog(config: Config): Logger {
  const lines = createLineBuffer({
    write: (text, onTaken) => process.stdout.write(text, onTaken),
    onLost: (count) => log.warn("log lines lost: nobody read them in time", { lines: count }),
  });
  process.on("exit", () => writeLastLines(lines.take()));
  const log = createLogger({
    level: config.log.level,
    format: config.server.environment === "production" ? "json" : "text",
    secrets: secretsOf(config),
    write: lines.add,
    now: Date.now,
  });
  process.on("unhandledRejection", (error) => log.error("unhandled rejection", { error }));
  return log;
}

/** Written synchronously, because a stream loses what it has not written when the process exits. */
function writeLastLines(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // Nobody reads the log any more. The process still ends without an error.
  }
}
