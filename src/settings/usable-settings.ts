import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import type { SettingSources } from "../config/sources.ts";

interface UsableSettings {
  readonly loaded: LoadedConfig;
  /** Names of stored settings that are ignored, because they do not fit any more. */
  readonly ignored: readonly string[];
}

/**
 * Loads the settings with what is stored. A stored setting may not fit any more, after an update of chatporch or
 * beside a new variable of the environment. It is ignored then: a server that starts is worth more.
 * @throws ConfigError when the environment itself is wrong
 */
export function loadUsable(
  sources: SettingSources,
  stored: Readonly<Record<string, string>>,
): UsableSettings {
  try {
    return { loaded: sources.load(stored), ignored: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const wrong = new Set(error.problems.map(({ name }) => name));
    const ignored = Object.keys(stored).filter((name) => wrong.has(name));
    const rest = Object.entries(stored).filter(([name]) => !wrong.has(name));
    try {
      return { loaded: sources.load(Object.fromEntries(rest)), ignored };
    } catch (again) {
      if (!(again instanceof ConfigError)) throw again;
      return { loaded: sources.load({}), ignored: Object.keys(stored) };
    }
  }
}
