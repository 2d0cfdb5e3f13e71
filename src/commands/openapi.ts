import { createApp } from "../app.ts";
import { buildOpenApi } from "../operations/openapi.ts";
import { openParts } from "../parts.ts";
import { createLogger } from "../runtime/logger.ts";
import { settingSources } from "./settings.ts";
import { print } from "./terminal.ts";

/** Prints the OpenAPI document. It opens no database and calls no model. */
export async function openApi(): Promise<number> {
  const sources = settingSources();
  const loaded = sources.load({});
  const { config } = loaded;
  const log = createLogger({
    level: "silent",
    format: "text",
    secrets: () => [],
    write: () => {},
    now: Date.now,
  });
  const inMemory = {
    ...config,
    database: { ...config.database, url: undefined, path: ":memory:" },
    replicas: { redisUrl: undefined },
  };
  const load = () => ({ ...loaded, config: inMemory });
  const { parts } = await openParts({ ...sources, load }, { log, advice: [] });
  const { app } = createApp(parts);
  return print(`${JSON.stringify(buildOpenApi(app, config.server), null, 2)}\n`);
}
