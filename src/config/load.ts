import { readAssistantSettings } from "./assistant.ts";
import type { Config } from "./config.ts";
import { readDatabaseSettings } from "./database.ts";
import { readKeySettings, refuseSharedKeys } from "./keys.ts";
import { readLimitSettings } from "./limits.ts";
import { readModelServerSettings } from "./model.ts";
import { readOriginSettings } from "./origins.ts";
import { ConfigError } from "./problems.ts";
import { readServerSettings } from "./server.ts";
import { type Env, SettingReader } from "./setting-reader.ts";
import { readTurnSettings } from "./turns.ts";
import { findTypos } from "./typos.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** Sentences for the person who starts the server. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks every setting. Values that are empty or placeholders count as missing.
 * @throws ConfigError naming every setting that is wrong, never its value
 */
export function loadConfig(env: Env, readTextFile: (path: string) => string): LoadedConfig {
  const reader = new SettingReader(env);
  const server = readServerSettings(reader);
  const isProduction = server.environment === "production";
  const config: Config = {
    ...server,
    ...readDatabaseSettings(reader),
    ...readModelServerSettings(reader, isProduction),
    ...readAssistantSettings(reader, readTextFile),
    ...readTurnSettings(reader),
    ...readKeySettings(reader, isProduction),
    ...readOriginSettings(reader, isProduction),
    ...readLimitSettings(reader),
  };
  const { model } = config;
  refuseSharedKeys(reader, config, model.kind === "openai" ? model.apiKey : undefined);
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return { config: deepFreeze(config), warnings: findTypos(env) };
}

function deepFreeze<T extends object>(value: T): T {
  for (const nested of Object.values(value)) {
    if (typeof nested === "object" && nested !== null) deepFreeze(nested);
  }
  return Object.freeze(value);
}
