import { placeOf, secretsInUrl, serverUrlProblem, type UrlRules } from "./server-url.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Where conversations are kept, how safely, and for how long. */
export interface DatabaseSettings {
  /** The address of a PostgreSQL database, with its password. Undefined: the SQLite file at `path`. */
  readonly url: string | undefined;
  /** How many connections this process may have to PostgreSQL for questions and answers. */
  readonly connections: number;
  readonly path: string;
  /** What a stored turn survives in SQLite. `normal`: a crash of the process. `full`: also a power cut. */
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
export const EXAMPLE_DATABASE_URL = "postgres://chatporch:its-password@localhost:5432/chatporch";
const POSTGRES_PORT = 5432;
/** Enough for a thousand turns a second. PostgreSQL has 100 connections by default, for all replicas together. */
const DEFAULT_CONNECTIONS = 8;

export const DATABASE: SettingGroup<DatabaseSettings> = {
  read: readDatabaseSettings,
  shown: {
    DATABASE_URL: ({ url }) => (url === undefined ? "not set" : postgresPlace(url)),
    DATABASE_CONNECTIONS: ({ connections }) => String(connections),
    DATABASE_PATH: ({ url, path }) => (url === undefined ? path : "not used"),
    DATABASE_SYNC: ({ url, sync }) => (url === undefined ? sync : "not used"),
    MAX_DATABASE_MB: ({ maxBytes }) => String(maxBytes / MEGABYTE),
    RETENTION_DAYS: ({ retentionDays }) => String(retentionDays ?? "not set"),
  },
  files: ["DATABASE_URL"],
  editable: ["RETENTION_DAYS"],
};

function readDatabaseSettings(reader: SettingReader): DatabaseSettings {
  return {
    url: readDatabaseUrl(reader),
    connections: reader.integer("DATABASE_CONNECTIONS", {
      fallback: DEFAULT_CONNECTIONS,
      min: 1,
      max: 200,
    }),
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

const SSL_MODES: readonly string[] = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
];

const POSTGRES_RULES: UrlRules = {
  schemes: ["postgres", "postgresql"],
  problemOf: ({ pathname, searchParams }) => {
    if (searchParams.has("target_session_attrs")) {
      return "has target_session_attrs, which is not supported: take the address that always leads to the primary, such as that of a proxy";
    }
    const sslMode = searchParams.get("sslmode");
    if (sslMode !== null && !SSL_MODES.includes(sslMode)) {
      return `has an sslmode that is none of ${SSL_MODES.join(", ")}`;
    }
    return /^\/[^/]+$/.test(pathname)
      ? undefined
      : "names no database: write its name behind the host, after one slash";
  },
};

function readDatabaseUrl(reader: SettingReader): string | undefined {
  const text = reader.textOrFile("DATABASE_URL", "/run/secrets/database_url");
  const problem = text === undefined ? undefined : serverUrlProblem(text, POSTGRES_RULES);
  if (problem === undefined) return text;
  reader.refuse("DATABASE_URL", problem, EXAMPLE_DATABASE_URL);
  return undefined;
}

/** Where the PostgreSQL database is, without user and password. */
export function postgresPlace(url: string): string {
  return placeOf(url, POSTGRES_PORT);
}

/** Where conversations are kept, as it is shown. */
export function databasePlace({ url, path }: DatabaseSettings): string {
  return url === undefined ? path : `PostgreSQL at ${postgresPlace(url)}`;
}

export function databaseSecrets({ url }: DatabaseSettings): string[] {
  return url === undefined ? [] : secretsInUrl(url);
}
