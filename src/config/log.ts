import { LOG_LEVELS, type LogLevel } from "../runtime/logger.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** What is logged. */
export interface LogSettings {
  readonly level: LogLevel;
}

export const LOG: SettingGroup<LogSettings> = {
  read: readLogSettings,
  shown: {
    LOG_LEVEL: ({ level }) => level,
  },
};

function readLogSettings(reader: SettingReader): LogSettings {
  return { level: reader.choice("LOG_LEVEL", LOG_LEVELS, "info") };
}
