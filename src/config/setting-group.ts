import type { SettingReader } from "./setting-reader.ts";

export type Environment = "development" | "production" | "test";

/** A group of settings: how they are read, and how they are shown. */
export interface SettingGroup<Settings> {
  /**
   * Reads and checks the settings. The reader collects the problems.
   * @param environment the environment that the settings are for; for the server's own group, the default when
   * NODE_ENV is not set
   */
  readonly read: (reader: SettingReader, environment: Environment) => Settings;
  /** By each setting's name in the environment, the text that the dashboard shows. Never a secret. */
  readonly shown: Readonly<Record<string, (settings: Settings) => string>>;
  /** Names of settings that are secret. Each can also come from a file, which `<NAME>_FILE` names. */
  readonly secrets?: readonly string[];
  /** Names of other settings that can come from a file, which `<NAME>_FILE` names. */
  readonly files?: readonly string[];
  /** Names of the settings that the owner may change in the dashboard, where the environment does not set them. */
  readonly editable?: readonly string[];
}

/** The text that is shown for a secret. */
export function setOrNot(secret: string | undefined): string {
  return secret === undefined ? "not set" : "set (not shown)";
}

/** The text that is shown for a list of keys. */
export function countKeys(keys: readonly string[]): string {
  if (keys.length === 0) return "not set";
  return keys.length === 1 ? "1 key (not shown)" : `${keys.length} keys (not shown)`;
}
