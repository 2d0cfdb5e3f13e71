import { type DatabaseSettings, EXAMPLE_DATABASE_URL } from "./database.ts";
import { placeOf, secretsInUrl, serverUrlProblem, type UrlRules } from "./server-url.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** What connects the replicas that share a database. */
export interface ReplicaSettings {
  /** The address of a Redis or Valkey server, with its password. Undefined: the database alone connects them. */
  readonly redisUrl: string | undefined;
}

const EXAMPLE_URL = "redis://localhost:6379";
const REDIS_PORT = 6379;

const RULES: UrlRules = {
  schemes: ["redis", "rediss", "valkey", "valkeys"],
  problemOf: ({ pathname }) =>
    /^\/?\d*$/.test(pathname) ? undefined : "has a path that is not the number of a database",
};

export const REPLICAS: SettingGroup<ReplicaSettings> = {
  read: (reader) => ({ redisUrl: readRedisUrl(reader) }),
  shown: {
    REDIS_URL: ({ redisUrl }) => (redisUrl === undefined ? "not set" : redisPlace(redisUrl)),
  },
  files: ["REDIS_URL"],
};

function readRedisUrl(reader: SettingReader): string | undefined {
  const text = reader.textOrFile("REDIS_URL", "/run/secrets/redis_url");
  const problem = text === undefined ? undefined : serverUrlProblem(text, RULES);
  if (problem === undefined) return text;
  reader.refuse("REDIS_URL", problem, EXAMPLE_URL);
  return undefined;
}

/** Where the Redis server is, without user and password. */
export function redisPlace(url: string): string {
  return placeOf(url, REDIS_PORT);
}

export function replicaSecrets({ redisUrl }: ReplicaSettings): string[] {
  return redisUrl === undefined ? [] : secretsInUrl(redisUrl);
}

interface OfReplicas {
  readonly database: DatabaseSettings;
  readonly replicas: ReplicaSettings;
}

/** Replicas share a database, and a SQLite file belongs to one server. */
export function refuseReplicasOfFile(
  reader: SettingReader,
  { database, replicas }: OfReplicas,
): void {
  if (replicas.redisUrl === undefined || database.url !== undefined) return;
  if (reader.hasProblem("DATABASE_URL", "DATABASE_URL_FILE")) return;
  reader.refuse(
    "DATABASE_URL",
    "is required with REDIS_URL: Redis connects replicas, and these share a PostgreSQL database",
    EXAMPLE_DATABASE_URL,
  );
}
