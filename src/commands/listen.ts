import type { App } from "../app.ts";
import type { Config } from "../config/config.ts";
import { IDLE_TIMEOUT_SECONDS } from "../http/connection.ts";

/** Otherwise Bun would answer a large body with an empty 413. http/body-limit sends ours. */
const UNLIMITED_BODY_BYTES = Number.MAX_SAFE_INTEGER;

/** @throws an error that says why the server cannot listen */
export function listen(app: App, config: Pick<Config, "server">): void {
  try {
    app.listen({
      hostname: config.server.host,
      port: config.server.port,
      // A second process on the port must fail instead of sharing it, because the database has one writer.
      reusePort: false,
      development: false,
      maxRequestBodySize: UNLIMITED_BODY_BYTES,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
    });
  } catch (cause) {
    const where = `${config.server.host} port ${config.server.port}`;
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const reason = isTaken
      ? "another server is running there, or HOST is not an address of this machine"
      : String(cause);
    throw new Error(`Cannot listen on ${where}: ${reason}.`, { cause });
  }
}
