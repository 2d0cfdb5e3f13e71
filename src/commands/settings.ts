import { readDotEnv } from "../config/dot-env.ts";
import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { createSources, type SettingSources } from "../config/sources.ts";
import { readTextFile } from "../config/text-file.ts";
import { isCompiled, realEnvironment } from "./environment.ts";

/** The environment of this process and `.env` in the working directory, as sources of settings. */
export function settingSources(): SettingSources {
  const options = { dotEnv: readDotEnv("."), isCompiled: isCompiled() };
  return createSources(realEnvironment(), readTextFile, options);
}

/**
 * The settings of this process, without what the owner has stored.
 * @throws ConfigError
 */
export function readSettings(): LoadedConfig {
  return settingSources().load({});
}

/** The settings or their problems, for a command that goes on even with wrong settings. */
export function settingsOrProblems(): LoadedConfig | ConfigError {
  try {
    return readSettings();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
