import { type Cidr, parseCidr, parseIpAddress } from "./http/ip-address.ts";
import { type OriginPattern, parseOriginPattern } from "./http/origin.ts";
import { LOG_LEVELS, type LogLevel } from "./logger.ts";

export type Environment = "development" | "production" | "test";
export type StreamFormat = "sse" | "ndjson";

/** How many proxies stand in front, or which addresses they have. Undefined: X-Forwarded-For is ignored. */
export type TrustProxy =
  | { readonly kind: "hops"; readonly count: number }
  | { readonly kind: "cidrs"; readonly cidrs: readonly Cidr[] };

export type ModelSettings =
  | { readonly kind: "demo" }
  | {
      readonly kind: "openai";
      readonly name: string;
      readonly apiKey: string | undefined;
      readonly baseUrl: string | undefined;
    };

/** Every setting of the server, validated and frozen (spec section 1). */
export interface Config {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly databasePath: string;
  /** What an acknowledged turn survives: `normal` the death of the process, `full` a power cut too. */
  readonly databaseSync: "normal" | "full";
  /** Days that a conversation is kept after its last activity; undefined: for ever. */
  readonly retentionDays: number | undefined;
  readonly model: ModelSettings;
  readonly systemPrompt: string;
  readonly maxHistoryMessages: number;
  readonly maxOutputTokens: number;
  /** Answers under way at once; a new question beyond them is refused. */
  readonly maxConcurrentTurns: number;
  /** Answers that one address may be reading at once. */
  readonly maxStreamsPerAddress: number;
  readonly modelFirstTokenTimeoutMs: number;
  readonly modelIdleTimeoutMs: number;
  readonly widgetApiKeys: readonly string[];
  readonly adminApiKeys: readonly string[];
  /** None: /metrics is open in development, and not there in production. */
  readonly metricsKeys: readonly string[];
  readonly dashboardPassword: string | undefined;
  /** `"*"` allows every origin; production refuses it. */
  readonly corsOrigins: "*" | readonly OriginPattern[];
  readonly rateLimitWindowMs: number;
  readonly rateLimitMaxRequests: number;
  readonly trustProxy: TrustProxy | undefined;
  readonly streamFormat: StreamFormat;
  readonly sessionTtlDays: number;
  readonly abandonedTurnGraceMs: number;
  readonly shutdownGraceMs: number;
  readonly heartbeatIntervalMs: number;
  /** Logins that an address may try in a window, good ones included. */
  readonly maxLoginAttempts: number;
  readonly logLevel: LogLevel;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The port of the original open-chat-widget, so that an existing data-api-url keeps working. */
const DEFAULT_PORT = 4000;
const DEFAULT_DATABASE_PATH = "data/chatporch.db";
const DEFAULT_MODEL = "gpt-4.1-mini";
const DEFAULT_SYSTEM_PROMPT =
  "You are a concise and helpful support assistant on a website. Answer in the visitor's language. " +
  "When you do not know something, say so instead of guessing.";
/** Fifteen exchanges: enough for a support conversation, small enough to bound the cost of a turn. */
const DEFAULT_MAX_HISTORY_MESSAGES = 30;
const DEFAULT_MAX_OUTPUT_TOKENS = 1024;
/** A bound on memory: an answer under way takes some 100 KB, and so many half a gigabyte. */
const DEFAULT_MAX_CONCURRENT_TURNS = 4000;
/** An office or a campus behind one address, and far from what one machine can do to the others. */
const DEFAULT_MAX_STREAMS_PER_ADDRESS = 100;
/** Large models behind a queue can think for half a minute before the first token. */
const DEFAULT_FIRST_TOKEN_TIMEOUT_MS = 60 * SECOND_MS;
const DEFAULT_IDLE_TIMEOUT_MS = 30 * SECOND_MS;
const DEFAULT_RATE_LIMIT_WINDOW_MS = MINUTE_MS;
const DEFAULT_RATE_LIMIT_MAX_REQUESTS = 60;
const DEFAULT_SESSION_TTL_DAYS = 30;
/** Long enough for a reload or a change of network, short enough not to pay for an unread answer. */
const DEFAULT_ABANDONED_TURN_GRACE_MS = 10 * SECOND_MS;
const DEFAULT_SHUTDOWN_GRACE_MS = 10 * SECOND_MS;
/** Proxies commonly cut a silent connection after 30 to 60 s; 15 s stays well below. */
const HEARTBEAT_INTERVAL_MS = 15 * SECOND_MS;
/** Enough for a person's typing errors; from one address, eight letters take 40,000 years. */
const MAX_LOGIN_ATTEMPTS = 10;

const EXAMPLE_RETENTION_DAYS = 365;

/** What the keys begin with that are made for development. */
export const DEVELOPMENT_KEY_PREFIX = "dev_";

/** Shorter keys could be guessed: 24 characters of base64 hold 144 bits. */
const MIN_KEY_LENGTH = 24;
/** setTimeout and the limiter keep milliseconds in 31 bits; a day is more than any of them needs. */
const MAX_DURATION_MS = DAY_MS;

const SETTING_NAMES = [
  "NODE_ENV",
  "HOST",
  "PORT",
  "PUBLIC_URL",
  "DATABASE_PATH",
  "DATABASE_SYNC",
  "RETENTION_DAYS",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_MODEL",
  "SYSTEM_PROMPT",
  "SYSTEM_PROMPT_FILE",
  "MAX_HISTORY_MESSAGES",
  "MAX_OUTPUT_TOKENS",
  "MAX_CONCURRENT_TURNS",
  "MAX_STREAMS_PER_ADDRESS",
  "MODEL_FIRST_TOKEN_TIMEOUT_MS",
  "MODEL_IDLE_TIMEOUT_MS",
  "WIDGET_API_KEY",
  "ADMIN_API_KEY",
  "METRICS_KEY",
  "DASHBOARD_PASSWORD",
  "CORS_ORIGIN",
  "RATE_LIMIT_WINDOW_MS",
  "RATE_LIMIT_MAX_REQUESTS",
  "TRUST_PROXY",
  "STREAM_FORMAT",
  "SESSION_TTL_DAYS",
  "ABANDONED_TURN_GRACE_MS",
  "SHUTDOWN_GRACE_MS",
  "LOG_LEVEL",
] as const;
type SettingName = (typeof SETTING_NAMES)[number];

export type Env = Readonly<Record<string, string | undefined>>;

/** One thing that keeps the server from starting. It never holds the value: it may be a secret. */
export interface ConfigProblem {
  readonly name: SettingName;
  readonly problem: string;
  readonly example: string;
}

/** Thrown by loadConfig with every problem that was found, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ name, problem, example }) => `  ${name}: ${problem}\n      for example ${name}=${example}`,
    );
    super(`The settings are not usable:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

export interface LoadedConfig {
  readonly config: Config;
  /** Sentences for the person who starts the server. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks every setting. Values that are empty or placeholders count as missing.
 * @throws ConfigError naming every setting that is wrong, never its value
 */
export function loadConfig(env: Env, readTextFile: (path: string) => string): LoadedConfig {
  const reader = new SettingReader(env);
  const environment = reader.choice(
    "NODE_ENV",
    ["development", "production", "test"],
    "development",
  );
  const isProduction = environment === "production";

  const config: Config = {
    environment,
    host: readHost(reader, isProduction ? "0.0.0.0" : "127.0.0.1"),
    port: reader.integer("PORT", { fallback: DEFAULT_PORT, min: 0, max: 65535 }),
    publicUrl: readPublicUrl(reader),
    databasePath: reader.text("DATABASE_PATH") ?? DEFAULT_DATABASE_PATH,
    databaseSync: reader.choice("DATABASE_SYNC", ["normal", "full"], "normal"),
    retentionDays: readRetentionDays(reader),
    model: readModel(reader, isProduction),
    systemPrompt: readSystemPrompt(reader, readTextFile),
    maxHistoryMessages: reader.integer("MAX_HISTORY_MESSAGES", {
      fallback: DEFAULT_MAX_HISTORY_MESSAGES,
      min: 1,
      max: 1000,
    }),
    maxOutputTokens: reader.integer("MAX_OUTPUT_TOKENS", {
      fallback: DEFAULT_MAX_OUTPUT_TOKENS,
      min: 1,
      max: 1_000_000,
    }),
    maxConcurrentTurns: reader.integer("MAX_CONCURRENT_TURNS", {
      fallback: DEFAULT_MAX_CONCURRENT_TURNS,
      min: 1,
      max: 1_000_000,
    }),
    maxStreamsPerAddress: reader.integer("MAX_STREAMS_PER_ADDRESS", {
      fallback: DEFAULT_MAX_STREAMS_PER_ADDRESS,
      min: 1,
      max: 1_000_000,
    }),
    modelFirstTokenTimeoutMs: reader.duration(
      "MODEL_FIRST_TOKEN_TIMEOUT_MS",
      DEFAULT_FIRST_TOKEN_TIMEOUT_MS,
    ),
    modelIdleTimeoutMs: reader.duration("MODEL_IDLE_TIMEOUT_MS", DEFAULT_IDLE_TIMEOUT_MS),
    widgetApiKeys: readWidgetKeys(reader, isProduction),
    adminApiKeys: reader.keys("ADMIN_API_KEY"),
    metricsKeys: reader.keys("METRICS_KEY"),
    dashboardPassword: reader.text("DASHBOARD_PASSWORD"),
    corsOrigins: readCorsOrigins(reader, isProduction),
    rateLimitWindowMs: reader.duration("RATE_LIMIT_WINDOW_MS", DEFAULT_RATE_LIMIT_WINDOW_MS),
    rateLimitMaxRequests: reader.integer("RATE_LIMIT_MAX_REQUESTS", {
      fallback: DEFAULT_RATE_LIMIT_MAX_REQUESTS,
      min: 1,
      max: 1_000_000,
    }),
    trustProxy: readTrustProxy(reader),
    streamFormat: reader.choice("STREAM_FORMAT", ["sse", "ndjson"], "sse"),
    sessionTtlDays: reader.integer("SESSION_TTL_DAYS", {
      fallback: DEFAULT_SESSION_TTL_DAYS,
      min: 1,
      max: 3650,
    }),
    abandonedTurnGraceMs: reader.duration(
      "ABANDONED_TURN_GRACE_MS",
      DEFAULT_ABANDONED_TURN_GRACE_MS,
      0,
    ),
    shutdownGraceMs: reader.duration("SHUTDOWN_GRACE_MS", DEFAULT_SHUTDOWN_GRACE_MS, 0),
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
    maxLoginAttempts: MAX_LOGIN_ATTEMPTS,
    logLevel: reader.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };

  const secrets = [
    ["ADMIN_API_KEY", config.adminApiKeys],
    ["METRICS_KEY", config.metricsKeys],
    ["DASHBOARD_PASSWORD", [config.dashboardPassword]],
    ["OPENAI_API_KEY", [config.model.kind === "openai" ? config.model.apiKey : undefined]],
  ] as const;
  for (const [name, values] of secrets) {
    if (!config.widgetApiKeys.some((key) => values.includes(key))) continue;
    reader.refuse(
      name,
      "shares a key with WIDGET_API_KEY, which every visitor can read",
      "a-different-random-text-of-24-characters-or-more",
    );
  }
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return { config: deepFreeze(config), warnings: findTypos(env) };
}

/** Values that must never be shown or logged. */
export function secretsOf(config: Config): string[] {
  const modelKey = config.model.kind === "openai" ? config.model.apiKey : undefined;
  const secrets = [...config.widgetApiKeys, ...config.adminApiKeys, ...config.metricsKeys];
  return [...secrets, config.dashboardPassword, modelKey].filter((secret) => secret !== undefined);
}

/** An address that a program on this machine can open, for a host that may mean all addresses. */
export function localUrl(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A name whose last part is a number would be an address, and is none. */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9_-]+\.)*(?!\d+$)[a-z0-9_-]+$/i;

function readHost(reader: SettingReader, fallback: string): string {
  const host = reader.text("HOST")?.replace(/^\[(.*)\]$/, "$1") ?? fallback;
  if (parseIpAddress(host) === undefined && !HOST_NAME.test(host)) {
    reader.refuse("HOST", "is neither an IP address nor a host name", fallback);
  }
  return host;
}

function readPublicUrl(reader: SettingReader): string | undefined {
  const example = "https://chat.example.com";
  const url = reader.url("PUBLIC_URL", example);
  if (url === undefined) return undefined;
  const { username, password } = new URL(url);
  if (url.includes("?")) reader.refuse("PUBLIC_URL", "has a query, and paths follow it", example);
  if (username !== "" || password !== "") {
    reader.refuse(
      "PUBLIC_URL",
      "holds a user name or a password, and everybody is told it",
      example,
    );
  }
  return url.replace(/\/+$/, "");
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

function readModel(reader: SettingReader, isProduction: boolean): ModelSettings {
  const example = "sk-proj-your-own-key-from-the-provider";
  const apiKey = reader.text("OPENAI_API_KEY");
  if (apiKey !== undefined && !HEADER_SAFE.test(apiKey)) {
    reader.refuse("OPENAI_API_KEY", "has characters that cannot travel in a header", example);
  }
  const baseUrl = reader.url("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1");
  const name = reader.text("OPENAI_MODEL") ?? DEFAULT_MODEL;
  if (apiKey !== undefined || reader.text("OPENAI_BASE_URL") !== undefined) {
    return { kind: "openai", name, apiKey, baseUrl };
  }
  if (isProduction) {
    reader.refuse(
      "OPENAI_API_KEY",
      "is required in production, unless OPENAI_BASE_URL names a server that needs no key",
      example,
    );
  }
  return { kind: "demo" };
}

function readSystemPrompt(reader: SettingReader, readTextFile: (path: string) => string): string {
  const inline = reader.text("SYSTEM_PROMPT");
  const path = reader.text("SYSTEM_PROMPT_FILE");
  if (path === undefined) return inline ?? DEFAULT_SYSTEM_PROMPT;
  const example = "/etc/chatporch/system-prompt.txt";
  if (inline !== undefined) {
    reader.refuse("SYSTEM_PROMPT_FILE", "is set together with SYSTEM_PROMPT: keep one", example);
    return inline;
  }
  try {
    const text = readTextFile(path).trim();
    if (text.length > 0) return text;
    reader.refuse("SYSTEM_PROMPT_FILE", "names an empty file", example);
  } catch {
    // Whatever the file system said, the owner has to look at the path; the reason is in the message.
    reader.refuse("SYSTEM_PROMPT_FILE", "names a file that cannot be read", example);
  }
  return DEFAULT_SYSTEM_PROMPT;
}

function readWidgetKeys(reader: SettingReader, isProduction: boolean): string[] {
  const keys = reader.keys("WIDGET_API_KEY");
  if (keys.length === 0 && isProduction && !reader.hasProblem("WIDGET_API_KEY")) {
    reader.refuse("WIDGET_API_KEY", "is required in production", EXAMPLE_KEY);
  }
  return keys;
}

function readCorsOrigins(reader: SettingReader, isProduction: boolean): Config["corsOrigins"] {
  const example = "https://www.example.com,https://*.example.org";
  const entries = reader.list("CORS_ORIGIN");
  if (entries.length === 0) {
    if (isProduction) reader.refuse("CORS_ORIGIN", "is required in production", example);
    return "*";
  }
  if (entries.includes("*")) {
    if (isProduction) {
      reader.refuse("CORS_ORIGIN", "must name your websites in production, not *", example);
    }
    return "*";
  }
  const patterns: OriginPattern[] = [];
  for (const entry of entries) {
    const pattern = parseOriginPattern(entry);
    if (pattern) patterns.push(pattern);
    else {
      reader.refuse(
        "CORS_ORIGIN",
        "has an entry that is not an exact origin (scheme and host, no path, no trailing slash)",
        example,
      );
    }
  }
  return patterns;
}

function readTrustProxy(reader: SettingReader): TrustProxy | undefined {
  const entries = reader.list("TRUST_PROXY");
  const [first] = entries;
  if (first === undefined) return undefined;
  const problem = "is neither a number of proxies from 1 to 10 nor a list of addresses or CIDRs";
  if (entries.length === 1 && /^\d+$/.test(first)) {
    const count = Number(first);
    if (count === 0) return undefined;
    if (count <= 10) return { kind: "hops", count };
    reader.refuse("TRUST_PROXY", problem, "1");
    return undefined;
  }
  const cidrs = entries.map(parseCidr).filter((cidr) => cidr !== undefined);
  if (cidrs.length === entries.length) return { kind: "cidrs", cidrs };
  reader.refuse("TRUST_PROXY", problem, "10.0.0.0/8,fd00::/8");
  return undefined;
}

const EXAMPLE_KEY = "a-random-text-of-24-characters-or-more";
const HEADER_SAFE = /^[\x21-\x7e]+$/;
const PLACEHOLDER = /^(change[-_ ]?me.*|sk-\.\.\.)$/is;

/** Reads one setting at a time and collects what is wrong with them. */
class SettingReader {
  readonly problems: ConfigProblem[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  refuse(name: SettingName, problem: string, example: string): void {
    this.problems.push({ name, problem, example });
  }

  hasProblem(name: SettingName): boolean {
    return this.problems.some((problem) => problem.name === name);
  }

  text(name: SettingName): string | undefined {
    const value = this.#env[name]?.trim();
    if (value === undefined || value === "" || PLACEHOLDER.test(value)) return undefined;
    return value;
  }

  list(name: SettingName): string[] {
    const entries = this.text(name)?.split(",") ?? [];
    return entries.map((entry) => entry.trim()).filter((entry) => entry !== "");
  }

  choice<const T extends string>(name: SettingName, options: readonly T[], fallback: T): T {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return fallback;
    const chosen = options.find((option) => option === value);
    if (chosen === undefined) this.refuse(name, `must be one of ${options.join(", ")}`, fallback);
    return chosen ?? fallback;
  }

  integer(name: SettingName, range: { fallback: number; min: number; max: number }): number {
    const value = this.text(name);
    if (value === undefined) return range.fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    this.refuse(
      name,
      `must be a whole number from ${range.min} to ${range.max}`,
      `${range.fallback}`,
    );
    return range.fallback;
  }

  duration(name: SettingName, fallback: number, min = 1): number {
    return this.integer(name, { fallback, min, max: MAX_DURATION_MS });
  }

  url(name: SettingName, example: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (URL.canParse(value) && /^https?:\/\/[^#]+$/i.test(value)) return value;
    this.refuse(name, "must be an http or https address, without #", example);
    return undefined;
  }

  keys(name: SettingName): string[] {
    const keys = this.list(name).filter((key) => !PLACEHOLDER.test(key));
    if (keys.some((key) => key.length < MIN_KEY_LENGTH)) {
      this.refuse(name, `has a key shorter than ${MIN_KEY_LENGTH} characters`, EXAMPLE_KEY);
    }
    if (keys.some((key) => !HEADER_SAFE.test(key))) {
      this.refuse(name, "has a key with characters that cannot travel in a header", EXAMPLE_KEY);
    }
    return keys;
  }
}

/** Unknown variables that look like one of ours: a typo would otherwise silently mean the default. */
function findTypos(env: Env): string[] {
  const known: readonly string[] = SETTING_NAMES;
  const warnings: string[] = [];
  for (const name of Object.keys(env)) {
    if (known.includes(name)) continue;
    const candidates = known.filter((setting) => isTypoOf(name, setting));
    const [nearest] = candidates.toSorted(
      (left, right) => editDistance(name, left) - editDistance(name, right),
    );
    if (nearest) warnings.push(`${name} is not a setting. Did you mean ${nearest}?`);
  }
  return warnings;
}

/** Short names such as PORT are one edit from too many innocent ones. */
const MIN_TYPO_LENGTH = 8;
const MAX_TYPO_EDITS = 2;

function isTypoOf(name: string, setting: string): boolean {
  if (name.length < MIN_TYPO_LENGTH || setting.length < MIN_TYPO_LENGTH) return false;
  const written = name.toUpperCase();
  if (isShortenedFrom(written, setting)) return true;
  // The distance is at least the difference in length, and takes longer to find than all the rest.
  if (Math.abs(written.length - setting.length) > MAX_TYPO_EDITS) return false;
  return editDistance(written, setting) <= MAX_TYPO_EDITS;
}

/** WIDGET_KEY for WIDGET_API_KEY: words are missing, and none is wrong. */
function isShortenedFrom(written: string, setting: string): boolean {
  const words = written.split("_");
  return words.length > 1 && words.every((word) => setting.split("_").includes(word));
}

/** Levenshtein distance, one row at a time. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

function deepFreeze<T extends object>(value: T): T {
  for (const nested of Object.values(value)) {
    if (typeof nested === "object" && nested !== null) deepFreeze(nested);
  }
  return Object.freeze(value);
}
