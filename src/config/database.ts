import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Where conversations are kept, how safely, and how long. */
export interface DatabaseSettings {
  readonly path: string;
  /** What an acknowledged turn survives: `normal` the death of the process, `full` a power cut too. */
  readonly sync: "normal" | "full";
  /** What the database may hold; at it, new questions are refused. */
  readonly maxBytes: number;
  /** Days that a conversation is kept after its last activity; undefined: for ever. */
  readonly retentionDays: number | undefined;
}

const DEFAULT_DATABASE_PATH = "data/chatporch.db";
/** Some ten million messages: years of a busy website, and room on the smallest disks. */
const DEFAULT_MAX_DATABASE_MB = 10_000;
const MEGABYTE = 1_000_000;
/** From this share of maxBytes on, the owner is warned. */
export const SCARCE_SHARE = 0.8;
const EXAMPLE_RETENTION_DAYS = 365;

export const DATABASE: SettingGroup<DatabaseSettings> = {
  read: readDatabaseSettings,
  shown: {
    DATABASE_PATH: ({ path }) => path,
    DATABASE_SYNC: ({ sync }) => sync,
    MAX_DATABASE_MB: ({ maxBytes }) => String(maxBytes / MEGABYTE),
    RETENTION_DAYS: ({ retentionDays }) => String(retentionDays ?? "not set"),
  },
};

function readDatabaseSettings(reader: SettingReader): DatabaseSettings {
  return {
    path: reader.path("DATABASE_PATH", DEFAULT_DATABASE_PATH) ?? DEFAULT_DATABASE_PATH,
    sync: reader.choice("DATABASE_SYNC", ["normal", "full"], "normal"),
    maxBytes:
      MEGABYTE *
      reader.integer("MAX_DATABASE_MB", {
        fallback: DEFAULT_MAX_DATABASE_MB,
        min: 10,
        max: 100_000_000,
      }),
    retentionDays: readRetentionDays(reader),
  };
}

function readRetentionDays(reader: SettingReader): number | undefined {
  if (reader.text("RETENTION_DAYS") === undefined) return undefined;
  // Zero is refused: somebody may mean never by it, and somebody at once. A hundred years are never.
  return reader.integer("RETENTION_DAYS", {
    fallback: EXAMPLE_RETENTION_DAYS,
    min: 1,
    max: 36_500,
  });
}
