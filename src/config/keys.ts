import type { SettingName } from "./setting-names.ts";
import { HEADER_SAFE, PLACEHOLDER, type SettingReader } from "./setting-reader.ts";

/** What opens the server: to visitors, to the owner, to a monitor. */
export interface KeySettings {
  readonly widgetApiKeys: readonly string[];
  readonly adminApiKeys: readonly string[];
  /** None: /metrics is open in development, and not there in production. */
  readonly metricsKeys: readonly string[];
  readonly dashboardPassword: string | undefined;
}

/** What the keys begin with that are made for development. */
export const DEVELOPMENT_KEY_PREFIX = "dev_";

/** Shorter keys could be guessed: 24 characters of base64 hold 144 bits. */
const MIN_KEY_LENGTH = 24;
const EXAMPLE_KEY = "a-random-text-of-24-characters-or-more";

export function readKeySettings(reader: SettingReader, isProduction: boolean): KeySettings {
  return {
    widgetApiKeys: readWidgetKeys(reader, isProduction),
    adminApiKeys: readKeys(reader, "ADMIN_API_KEY"),
    metricsKeys: readKeys(reader, "METRICS_KEY"),
    dashboardPassword: reader.text("DASHBOARD_PASSWORD"),
  };
}

function readKeys(reader: SettingReader, name: SettingName): string[] {
  const keys = reader.list(name).filter((key) => !PLACEHOLDER.test(key));
  if (keys.some((key) => key.length < MIN_KEY_LENGTH)) {
    reader.refuse(name, `has a key shorter than ${MIN_KEY_LENGTH} characters`, EXAMPLE_KEY);
  }
  if (keys.some((key) => !HEADER_SAFE.test(key))) {
    reader.refuse(name, "has a key with characters that cannot travel in a header", EXAMPLE_KEY);
  }
  return keys;
}

function readWidgetKeys(reader: SettingReader, isProduction: boolean): string[] {
  const keys = readKeys(reader, "WIDGET_API_KEY");
  if (keys.length === 0 && isProduction && !reader.hasProblem("WIDGET_API_KEY")) {
    reader.refuse("WIDGET_API_KEY", "is required in production", EXAMPLE_KEY);
  }
  return keys;
}

/** @param modelKey the key of the model, which is no part of these settings */
export function refuseSharedKeys(
  reader: SettingReader,
  config: KeySettings,
  modelKey: string | undefined,
): void {
  const secrets = [
    ["ADMIN_API_KEY", config.adminApiKeys],
    ["METRICS_KEY", config.metricsKeys],
    ["DASHBOARD_PASSWORD", [config.dashboardPassword]],
    ["OPENAI_API_KEY", [modelKey]],
  ] as const;
  for (const [name, values] of secrets) {
    if (!config.widgetApiKeys.some((key) => values.includes(key))) continue;
    reader.refuse(
      name,
      "shares a key with WIDGET_API_KEY, which every visitor can read",
      "a-different-random-text-of-24-characters-or-more",
    );
  }
}
