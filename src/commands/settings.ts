import { readDotEnv } from "../config/dot-env.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { readTextFile } from "../config/text-file.ts";
import { isCompiled, realEnvironment } from "./environment.ts";

/**
 * The settings of this process, from its environment and from `.env` in the working directory.
 * @throws ConfigError
 */
export function readSettings(): LoadedConfig {
  const options = { dotEnv: readDotEnv("."), isCompiled: isCompiled() };
  return loadConfig(realEnvironment(), readTextFile, options);
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
