import type { Config } from "../config/config.ts";
import type { OriginPattern } from "../net/origin.ts";

/** A setting in force, fit to be shown: a secret is only said to be there. */
export interface ShownSetting {
  readonly name: string;
  readonly value: string;
}

export function settingsInForce(config: Config): ShownSetting[] {
  const { model } = config;
  const shown: Record<string, string> = {
    NODE_ENV: config.server.environment,
    "HOST, PORT": `${config.server.host}, ${config.server.port}`,
    PUBLIC_URL: config.server.publicUrl ?? "not set",
    HSTS: config.server.hsts,
    DATABASE_PATH: config.database.path,
    DATABASE_SYNC: config.database.sync,
    MAX_DATABASE_MB: String(config.database.maxBytes / 1e6),
    RETENTION_DAYS:
      config.database.retentionDays === undefined
        ? "not set"
        : String(config.database.retentionDays),
    OPENAI_MODEL: model.kind === "demo" ? "the built-in demo model" : model.name,
    OPENAI_BASE_URL: model.kind === "demo" ? "not set" : withoutUser(model.baseUrl),
    OPENAI_REASONING_EFFORT: (model.kind === "openai" && model.reasoningEffort) || "not sent",
    OPENAI_HEADERS: headerNames(model),
    OPENAI_API_KEY: isSet(model.kind === "openai" ? model.apiKey : undefined),
    SYSTEM_PROMPT: config.assistant.systemPrompt,
    MAX_HISTORY_MESSAGES: String(config.assistant.maxHistoryMessages),
    MAX_HISTORY_TOKENS: String(config.assistant.maxHistoryTokens),
    MAX_OUTPUT_TOKENS: String(config.assistant.maxOutputTokens),
    MAX_CONCURRENT_TURNS: String(config.turns.maxConcurrentTurns),
    MAX_STREAMS_PER_ADDRESS: String(config.limits.maxStreamsPerAddress),
    MODEL_FIRST_TOKEN_TIMEOUT_MS: String(config.model.firstTokenTimeoutMs),
    MODEL_IDLE_TIMEOUT_MS: String(config.model.idleTimeoutMs),
    WIDGET_API_KEY: keys(config.keys.widget),
    ADMIN_API_KEY: keys(config.keys.admin),
    METRICS_KEY: keys(config.keys.metrics),
    DASHBOARD_PASSWORD: isSet(config.keys.dashboardPassword),
    CORS_ORIGIN:
      config.origins.allowed === "*" ? "*" : config.origins.allowed.map(originText).join(", "),
    RATE_LIMIT_MAX_REQUESTS: String(config.limits.rateLimitMaxRequests),
    RATE_LIMIT_WINDOW_MS: String(config.limits.rateLimitWindowMs),
    TRUST_PROXY: proxyText(config.limits.trustProxy),
    STREAM_FORMAT: config.turns.streamFormat,
    SESSION_TTL_DAYS: String(config.turns.sessionTtlDays),
    ABANDONED_TURN_GRACE_MS: String(config.turns.abandonedTurnGraceMs),
    SHUTDOWN_GRACE_MS: String(config.server.shutdownGraceMs),
    LOG_LEVEL: config.log.level,
  };
  return Object.entries(shown).map(([name, value]) => ({ name, value }));
}

function isSet(secret: string | undefined): string {
  return secret === undefined ? "not set" : "set (not shown)";
}

function headerNames(model: Config["model"]): string {
  const names = model.kind === "openai" ? Object.keys(model.headers) : [];
  return names.length === 0 ? "none" : `${names.join(", ")} (values not shown)`;
}

function keys(list: readonly string[]): string {
  if (list.length === 0) return "not set";
  return list.length === 1 ? "1 key (not shown)" : `${list.length} keys (not shown)`;
}

/** An address may carry a name and a password. */
function withoutUser(address: string | undefined): string {
  if (address === undefined) return "OpenAI";
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href;
}

function originText(pattern: OriginPattern): string {
  if (pattern.kind === "exact") return pattern.origin;
  return `${pattern.scheme}*${pattern.suffix}`;
}

function proxyText(trust: Config["limits"]["trustProxy"]): string {
  if (trust === undefined) return "not set";
  if (trust.kind === "hops") return `${trust.count} in front`;
  return `${trust.cidrs.length} ranges of addresses`;
}
