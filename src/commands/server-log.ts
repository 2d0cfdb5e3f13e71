import { writeSync } from "node:fs";

import { type Config, secretsOf } from "../config/config.ts";
import { createLineBuffer } from "../runtime/line-buffer.ts";
import { createLogger, type Logger } from "../runtime/logger.ts";

interface ServerLog {
  readonly log: Logger;
  /** Masks the secrets of other settings, besides those known before, which answers under way may still use. */
  hide(config: Config): void;
}

/** The log of a server, on standard output. Its last lines are written even when the process exits early. */
export function createServerLog(config: Config): ServerLog {
  let secrets: readonly string[] = secretsOf(config);
  const lines = createLineBuffer({
    write: (text, onTaken) => process.stdout.write(text, onTaken),
    onLost: (count) => log.warn("log lines lost: nobody read them in time", { lines: count }),
  });
  process.on("exit", () => writeLastLines(lines.take()));
  const log = createLogger({
    level: config.log.level,
    format: config.server.environment === "production" ? "json" : "text",
    secrets: () => secrets,
    write: lines.add,
    now: Date.now,
  });
  process.on("unhandledRejection", (error) => log.error("unhandled rejection", { error }));
  return {
    log,
    hide: (next) => {
      secrets = [...new Set([...secrets, ...secretsOf(next)])];
    },
  };
}

/** Written synchronously, because a stream loses what it has not written when the process exits. */
function writeLastLines(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // Nobody reads the log any more. The process still ends without an error.
  }
}
