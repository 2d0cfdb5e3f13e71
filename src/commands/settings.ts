import { readDotEnv } from "../config/dot-env.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { readTextFile } from "../config/text-file.ts";
import { isCompiled, realEnvironment } from "./environment.ts";

/**
 * The settings of this process: its environment, and `.env` in the working directory.
 * @throws ConfigError
 */
export function readSettings(): LoadedConfig {
  const options = { dotEnv: readDotEnv("."), isCompiled: isCompiled() };
  return loadConfig(realEnvironment(), readTextFile, options);
}

/** For a command that has more to say than what is wrong with them. */
export function settingsOrProblems(): LoadedConfig | ConfigError {
  try {
    return readSettings();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
