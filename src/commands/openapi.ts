import { createApp } from "../app.ts";
import { buildOpenApi } from "../operations/openapi.ts";
import { openParts } from "../parts.ts";
import { createLogger } from "../runtime/logger.ts";
import { readSettings } from "./settings.ts";
import { print } from "./terminal.ts";

/** Prints the OpenAPI document. It opens no database and calls no model. */
export async function openApi(): Promise<number> {
  const { config } = readSettings();
  const log = createLogger({
    level: "silent",
    format: "text",
    secrets: [],
    write: () => {},
    now: Date.now,
  });
  const inMemory = {
    ...config,
    database: { ...config.database, url: undefined, path: ":memory:" },
    replicas: { redisUrl: undefined },
  };
  const { parts } = await openParts(inMemory, { log, advice: [] });
  const { app } = createApp(config, parts);
  return print(`${JSON.stringify(buildOpenApi(app, config.server), null, 2)}\n`);
}
