import type { Config } from "./config.ts";
import { NO_DOT_ENV } from "./dot-env.ts";
import { EDITABLE_NAMES, SECRET_NAMES } from "./groups.ts";
import { loadConfig, type LoadedConfig, type LoadOptions } from "./load.ts";
import { ConfigError } from "./problems.ts";
import { type Env, SettingReader } from "./setting-reader.ts";

/** Where settings come from, besides what the owner has stored. Read once, at the start. */
export interface SettingSources {
  /**
   * The settings with what the owner has stored, by the names of the environment. Stored settings that are locked
   * are ignored.
   * @throws ConfigError
   */
  load(stored: Env): LoadedConfig;
  /** What the owner cannot change, because a variable fixes it. Widget keys may be made beside a variable's. */
  readonly locks: ReadonlyMap<string, Lock>;
}

/** The variable that fixes a setting, and where it is set. */
export interface Lock {
  readonly variable: string;
  readonly isInDotEnv: boolean;
}

/** What the dashboard changes in other ways than as a setting. */
const CHANGED_OTHERWISE = ["WIDGET_API_KEY", "DASHBOARD_PASSWORD"];

/** The address of a server, and the secrets that are sent to it. They must not be sent to another one. */
export interface SecretAddress {
  readonly name: string;
  readonly secrets: readonly string[];
  /** Where they are sent to. Undefined: nowhere. */
  readonly serverOf: (config: Config) => string | undefined;
}

export const SECRET_ADDRESSES: readonly SecretAddress[] = [
  {
    name: "OPENAI_BASE_URL",
    secrets: ["OPENAI_API_KEY", "OPENAI_HEADERS"],
    serverOf: ({ model }) => (model.kind === "openai" ? originOf(model) : undefined),
  },
  {
    name: "EMBEDDING_BASE_URL",
    secrets: ["EMBEDDING_API_KEY"],
    serverOf: ({ knowledge: { embedding } }) => embedding.server && originOf(embedding.server),
  },
  { name: "NTFY_URL", secrets: ["NTFY_TOKEN"], serverOf: ({ notices }) => notices.ntfy?.server },
  // Their secrets are in the address itself.
  { name: "SMTP_URL", secrets: [], serverOf: () => undefined },
  { name: "WEBHOOK_URL", secrets: [], serverOf: () => undefined },
];

function originOf({ baseUrl }: { readonly baseUrl: string | undefined }): string {
  return baseUrl === undefined ? "OpenAI" : new URL(baseUrl).origin;
}

export function createSources(
  env: Env,
  readTextFile: (path: string) => string,
  options: LoadOptions = {},
): SettingSources {
  const { dotEnv = NO_DOT_ENV } = options;
  const readOnce = remembering(readTextFile);
  const locks = findLocks(env, dotEnv.values);
  return {
    locks,
    load(stored) {
      const free = Object.entries(stored).filter(
        ([name]) => EDITABLE_NAMES.includes(name) && !locks.has(name),
      );
      refuseSecretsOfOther(stored, locks);
      return loadConfig(env, readOnce, { ...options, stored: Object.fromEntries(free) });
    },
  };
}

function findLocks(env: Env, dotEnv: Env): Map<string, Lock> {
  const reader = new SettingReader({ ...dotEnv, ...env }, () => "");
  const locks = new Map<string, Lock>();
  for (const name of [...EDITABLE_NAMES, ...CHANGED_OTHERWISE]) {
    const variable = variableOf(reader, name);
    if (variable === undefined) continue;
    locks.set(name, { variable, isInDotEnv: env[variable] === undefined });
  }
  for (const { name, secrets } of SECRET_ADDRESSES) {
    const lock = secrets.map((secret) => locks.get(secret)).find((each) => each !== undefined);
    if (lock && !locks.has(name)) locks.set(name, lock);
  }
  return locks;
}

/**
 * What was stored with an address must not go to another one, which is in force because a secret of the environment
 * locks it.
 * @throws ConfigError
 */
function refuseSecretsOfOther(stored: Env, locks: ReadonlyMap<string, Lock>): void {
  const kept = SECRET_ADDRESSES.flatMap((address) => {
    if (stored[address.name] === undefined) return [];
    if (!isLockedBySecret(address, (name) => locks.get(name))) return [];
    return address.secrets.filter((name) => stored[name] !== undefined && !locks.has(name));
  });
  const problem = "was stored for another address";
  if (kept.length > 0) throw new ConfigError(kept.map((name) => ({ name, problem })));
}

/** Whether an address is locked although the environment does not name it: it has a secret for OpenAI. */
export function isLockedBySecret(
  { name, secrets }: SecretAddress,
  lockOf: (name: string) => Lock | undefined,
): boolean {
  const lock = lockOf(name);
  return lock !== undefined && secrets.some((secret) => lockOf(secret) === lock);
}

/** The variable that sets it. Empty values and examples count as missing. */
function variableOf(reader: SettingReader, name: string): string | undefined {
  if (reader.text(`${name}_FILE`) !== undefined) return `${name}_FILE`;
  const isSet = SECRET_NAMES.includes(name)
    ? reader.secrets(name).length > 0
    : reader.text(name) !== undefined;
  return isSet ? name : undefined;
}

/** A file that changes while the server runs is read at the next start, as the environment is. */
function remembering(readTextFile: (path: string) => string): (path: string) => string {
  const texts = new Map<string, string>();
  return (path) => {
    const known = texts.get(path);
    if (known !== undefined) return known;
    const text = readTextFile(path);
    texts.set(path, text);
    return text;
  };
}
