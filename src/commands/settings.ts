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

/**
 * The settings with what the owner has stored, as a server has them, or their problems: for a command that goes on even
 * with wrong settings.
 */
export async function settingsOrProblems(): Promise<LoadedConfig | ConfigError> {
  // Loaded here, because other commands are quick without them.
  const { inspectSettings } = await import("../parts.ts");
  const { loadUsable } = await import("../settings/usable-settings.ts");
  const sources = settingSources();
  try {
    const loaded = sources.load({});
    const stored = await inspectSettings(loaded.config.database);
    return stored === undefined ? loaded : loadUsable(sources, stored).loaded;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
