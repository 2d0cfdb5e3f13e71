export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log lines: an event in the past tense or as a noun, and the fields that tell the rest. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

interface LoggerOptions {
  readonly level: LogLevel;
  /** `json` for machines (production), `text` for a person at a terminal. */
  readonly format: "json" | "text";
  /** Configured secrets: wherever one turns up in a line, it is masked. */
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
  readonly now: () => number;
}

const MASK = "[redacted]";

/** Field names whose values are never written, whoever passes them. */
const SENSITIVE_FIELD = /key|password|cookie|authorization|secret|token$|^(message|content|body)$/i;

/** A logger whose lines hold no key, password, cookie or message text (spec section 1, LOG_LEVEL). */
export function createLogger(options: LoggerOptions): Logger {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const secrets = options.secrets.filter((secret) => secret.length > 0);
  const encode = options.format === "json" ? encodeJson : encodeText;

  function log(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const time = new Date(options.now()).toISOString();
    let line = encode(time, level, event, redactFields(fields));
    for (const secret of secrets) line = line.replaceAll(secret, MASK);
    options.write(`${line}\n`);
  }

  return {
    debug: (event, fields) => log("debug", event, fields),
    info: (event, fields) => log("info", event, fields),
    warn: (event, fields) => log("warn", event, fields),
    error: (event, fields) => log("error", event, fields),
  };
}

function redactFields(fields: LogFields): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (SENSITIVE_FIELD.test(name)) redacted[name] = MASK;
    else redacted[name] = value instanceof Error ? describeError(value) : value;
  }
  return redacted;
}

function describeError(error: Error): Record<string, unknown> {
  const described: Record<string, unknown> = { name: error.name, reason: error.message };
  if (error.stack) described.stack = error.stack;
  if (error.cause instanceof Error) described.cause = describeError(error.cause);
  return described;
}

function encodeJson(time: string, level: LogLevel, event: string, fields: object): string {
  return JSON.stringify({ time, level, event, ...fields });
}

/** One line whatever the values hold: they are JSON-quoted, so a newline cannot forge a second line. */
function encodeText(time: string, level: LogLevel, event: string, fields: object): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [time.slice(11, 23), level.toUpperCase().padEnd(5), event, ...pairs].join(" ");
}
