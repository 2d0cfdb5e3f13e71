import type { SettingReader } from "./setting-reader.ts";

export type Environment = "development" | "production" | "test";

/** Settings that belong together: how they are read, and how they are shown. */
export interface SettingGroup<Settings> {
  /**
   * Reads and checks them. What is wrong is collected by the reader.
   * @param environment the one that the settings are for; of the server's own group, where NODE_ENV says none
   */
  readonly read: (reader: SettingReader, environment: Environment) => Settings;
  /** Each of them by the name that it has in the environment, as the dashboard shows it: never a secret. */
  readonly shown: Readonly<Record<string, (settings: Settings) => string>>;
  /** Those that nobody but the owner and the program may see. Each can also come from a file. */
  readonly secrets?: readonly string[];
  /** Others that can come from a file, which `<NAME>_FILE` names. */
  readonly files?: readonly string[];
}

/** What is shown of a secret. */
export function setOrNot(secret: string | undefined): string {
  return secret === undefined ? "not set" : "set (not shown)";
}

/** What is shown of a list of keys. */
export function countKeys(keys: readonly string[]): string {
  if (keys.length === 0) return "not set";
  return keys.length === 1 ? "1 key (not shown)" : `${keys.length} keys (not shown)`;
}
