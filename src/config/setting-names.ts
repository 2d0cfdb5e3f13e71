/** Settings that nobody but the owner and the program may see. Each can also come from a file. */
export const SECRET_NAMES = [
  "WIDGET_API_KEY",
  "ADMIN_API_KEY",
  "METRICS_KEY",
  "DASHBOARD_PASSWORD",
  "OPENAI_API_KEY",
] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

/** Settings whose value may stand in a file that `<NAME>_FILE` names. */
const FILE_NAMES = [...SECRET_NAMES, "OPENAI_HEADERS", "SYSTEM_PROMPT"] as const;
export type FileName = (typeof FILE_NAMES)[number];

const PLAIN_NAMES = [
  "NODE_ENV",
  "HOST",
  "PORT",
  "PUBLIC_URL",
  "HSTS",
  "DATABASE_PATH",
  "DATABASE_SYNC",
  "MAX_DATABASE_MB",
  "RETENTION_DAYS",
  "OPENAI_BASE_URL",
  "OPENAI_MODEL",
  "OPENAI_REASONING_EFFORT",
  "MAX_HISTORY_MESSAGES",
  "MAX_HISTORY_TOKENS",
  "MAX_OUTPUT_TOKENS",
  "MAX_CONCURRENT_TURNS",
  "MAX_STREAMS_PER_ADDRESS",
  "MODEL_FIRST_TOKEN_TIMEOUT_MS",
  "MODEL_IDLE_TIMEOUT_MS",
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

export type SettingName = (typeof PLAIN_NAMES)[number] | FileName | `${FileName}_FILE`;

/** Every setting. What is none of these is no setting of ours. */
export const SETTING_NAMES: readonly SettingName[] = [
  ...PLAIN_NAMES,
  ...FILE_NAMES.flatMap((name) => [name, `${name}_FILE`] as const),
];

export function isSettingName(name: string): name is SettingName {
  return SETTING_NAMES.some((setting) => setting === name);
}
