import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Where conversations are kept, how safely, and for how long. */
export interface DatabaseSettings {
  readonly path: string;
  /** What a stored turn survives. `normal`: a crash of the process. `full`: also a power cut. */
  readonly sync: "normal" | "full";
  /** The size limit of the database. A full database refuses new questions. */
  readonly maxBytes: number;
  /** Days that a conversation is kept after its last activity. Undefined: it is never deleted. */
  readonly retentionDays: number | undefined;
}

const DEFAULT_DATABASE_PATH = "data/chatporch.db";
/** About ten million messages: years of a busy website. It fits on the smallest disks. */
const DEFAULT_MAX_DATABASE_MB = 10_000;
const MEGABYTE = 1_000_000;
/** The owner is warned when at least this share of maxBytes is used. */
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
  // Zero is refused, because it could mean "never" or "at once". For "never", a hundred years will do.
  return reader.integer("RETENTION_DAYS", {
    fallback: EXAMPLE_RETENTION_DAYS,
    min: 1,
    max: 36_500,
  });
}
