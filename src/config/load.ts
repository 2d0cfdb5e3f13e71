import type { Advice } from "./advice.ts";
import type { Config } from "./config.ts";
import { type DotEnv, NO_DOT_ENV } from "./dot-env.ts";
import { GROUPS } from "./groups.ts";
import { refuseSharedSecrets } from "./keys.ts";
import { ConfigError } from "./problems.ts";
import { refuseReplicasOfFile } from "./replicas.ts";
import type { Environment } from "./setting-group.ts";
import { type Env, SettingReader } from "./setting-reader.ts";
import { refuseUnknownPrices } from "./spending.ts";
import { findTypos } from "./typos.ts";
import { adviseOnUnusedSettings } from "./unused-settings.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** The reason for the environment, such as `NODE_ENV in .env says so`. */
  readonly environmentReason: string;
  /** Advice from reading the settings. It does not stop the server. */
  readonly advice: readonly Advice[];
}

export interface LoadOptions {
  /** The settings in the file `.env`. The environment takes precedence. */
  readonly dotEnv?: DotEnv;
  /** What the owner has stored, without settings that the environment or `.env` has (createSources). */
  readonly stored?: Env;
  /** Whether this is the compiled binary, which runs in production unless NODE_ENV says otherwise. */
  readonly isCompiled?: boolean;
}

/**
 * Reads and checks every setting. Empty values and placeholders count as missing.
 * @throws ConfigError naming every setting that is wrong, never its value
 */
export function loadConfig(
  env: Env,
  readTextFile: (path: string) => string,
  { dotEnv = NO_DOT_ENV, stored = {}, isCompiled = false }: LoadOptions = {},
): LoadedConfig {
  // Last, so that a variable that is set and empty, as compose files have them, does not hide what is stored.
  const reader = new SettingReader({ ...dotEnv.values, ...env, ...stored }, readTextFile);
  const server = GROUPS.server.read(reader, isCompiled ? "production" : "development");
  const { environment } = server;
  const config: Config = {
    server,
    database: GROUPS.database.read(reader, environment),
    replicas: GROUPS.replicas.read(reader, environment),
    model: GROUPS.model.read(reader, environment),
    assistant: GROUPS.assistant.read(reader, environment),
    knowledge: GROUPS.knowledge.read(reader, environment),
    turns: GROUPS.turns.read(reader, environment),
    keys: GROUPS.keys.read(reader, environment),
    origins: GROUPS.origins.read(reader, environment),
    limits: GROUPS.limits.read(reader, environment),
    spending: GROUPS.spending.read(reader, environment),
    proof: GROUPS.proof.read(reader, environment),
    redaction: GROUPS.redaction.read(reader, environment),
    widget: GROUPS.widget.read(reader, environment),
    people: GROUPS.people.read(reader, environment),
    notices: GROUPS.notices.read(reader, environment),
    calendar: GROUPS.calendar.read(reader, environment),
    log: GROUPS.log.read(reader, environment),
  };
  refuseSharedSecrets(reader, config);
  refuseReplicasOfFile(reader, config);
  refuseUnknownPrices(reader, config);

  const isAssumed = reader.text("NODE_ENV") === undefined;
  const problems = [...dotEnv.problems, ...reader.problems];
  if (problems.length > 0) {
    throw new ConfigError(problems, isCompiled && isAssumed ? PRODUCTION_ASSUMED : undefined);
  }
  const isFromFile = env.NODE_ENV === undefined && !isAssumed;
  return {
    config: deepFreeze(config),
    environmentReason: isAssumed
      ? `NODE_ENV is not set, and this ${isCompiled ? "is the compiled binary" : "runs from source"}`
      : `NODE_ENV${isFromFile ? " in .env" : ""} says so`,
    advice: [
      ...adviseOnFile(dotEnv, environment),
      ...adviseOnOverrides(dotEnv.values, env),
      ...reader.examples.map(exampleAdvice),
      ...adviseOnUnusedSettings(reader, config.database),
      ...findTypos(env),
    ],
  };
}

const PRODUCTION_ASSUMED =
  "NODE_ENV is not set, and the compiled binary means production. To try it on this machine, set NODE_ENV=development.";

function adviseOnFile(dotEnv: DotEnv, environment: Environment): readonly Advice[] {
  if (environment !== "production" || !dotEnv.isReadableByOthers) return dotEnv.advice;
  const readable: Advice = {
    id: "env-file-readable",
    severity: "warning",
    says: "Every user of this machine may read .env, and the keys in it.",
    mend: "chmod 600 .env",
  };
  return [readable, ...dotEnv.advice];
}

/** Otherwise an owner who edits `.env` might wonder why nothing changes. */
function adviseOnOverrides(values: Env, env: Env): Advice[] {
  const names = Object.keys(values).filter(
    (name) => env[name] !== undefined && env[name] !== values[name],
  );
  if (names.length === 0) return [];
  return [
    {
      id: "overridden",
      severity: "hint",
      says: `The environment and .env differ, and the environment wins, for ${names.join(", ")}.`,
      mend: "If .env is right, remove them from the environment.",
    },
  ];
}

function exampleAdvice(name: string): Advice {
  return {
    id: "example-secret",
    severity: "warning",
    says: `${name} holds an example from the documentation, so it counts as missing.`,
    mend: "Set one of your own, for example from: openssl rand -base64 24",
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const nested of Object.values(value)) {
    if (typeof nested === "object" && nested !== null) deepFreeze(nested);
  }
  return Object.freeze(value);
}
