import { derived } from "./derived.ts";
import { createMask, MASK, UNSEEN } from "./safe-text.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type LogFields = Readonly<Record<string, unknown>>;

/** Structured log lines: an event in the past tense or as a noun, and fields with the details. */
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
  /** The secrets known by now. They are masked wherever they appear in a line. */
  readonly secrets: () => readonly string[];
  readonly write: (line: string) => void;
  readonly now: () => number;
}

/** The longest text in a field, in characters. A stack trace fits; a long text from a client is cut. */
const MAX_TEXT_LENGTH = 4096;
/** The longest line, in characters: log collectors cut or drop lines from 16 KB on. */
const MAX_LINE_LENGTH = 16_000;

/** Field names whose values are never written. */
const SENSITIVE_FIELD = /key|password|cookie|authorization|secret|token$|^(message|content|body)$/i;

/** A logger whose lines hold no key, password, cookie or message text (contract section 1, LOG_LEVEL). */
export function createLogger(options: LoggerOptions): Logger {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const maskNow = derived(options.secrets, createMask);
  const mask = (text: string) => maskNow()(text);
  const encode = options.format === "json" ? encodeJson : encodeText;
  const stringify = createStringify(mask);

  function log(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const time = new Date(options.now()).toISOString();
    const line = showUnseen(mask(encode({ time, level, event }, fields, stringify)));
    if (line.length <= MAX_LINE_LENGTH) return options.write(`${line}\n`);
    const { requestId, turnId } = fields;
    const ids = { requestId, turnId, leftOut: `${line.length} characters` };
    options.write(`${showUnseen(mask(encode({ time, level, event }, ids, stringify)))}\n`);
  }

  return {
    debug: (event, fields) => log("debug", event, fields),
    info: (event, fields) => log("info", event, fields),
    warn: (event, fields) => log("warn", event, fields),
    error: (event, fields) => log("error", event, fields),
  };
}

interface Occasion {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
}

type Encoder = (occasion: Occasion, fields: LogFields, stringify: Stringify) => string;

const encodeJson: Encoder = (occasion, fields, stringify) =>
  stringify({ ...occasion, ...fields }) ?? JSON.stringify(occasion);

/** For a person at a terminal. The values are JSON, so that it is clear where each ends. */
const encodeText: Encoder = ({ time, level, event }, fields, stringify) => {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const pairs = known.map(([name, value]) => {
    const text = SENSITIVE_FIELD.test(name) ? MASK : (stringify(value) ?? "?");
    return `${name}=${text}`;
  });
  return [time.slice(11, 23), level.toUpperCase().padEnd(5), event, ...pairs].join(" ");
};

/** Nearly every line is plain ASCII, and one quick test shows it. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Writes unseen characters as JSON escapes, in both formats, so that a line stays one line and shows them. */
function showUnseen(line: string): string {
  if (PLAIN.test(line)) return line;
  return line.replaceAll(UNSEEN, (sign) =>
    Array.from({ length: sign.length }, (_, index) => escaped(sign.charCodeAt(index))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

/** Undefined for a value that JSON cannot hold, such as a circle: a line without it is better than none. */
type Stringify = (value: unknown) => string | undefined;

function createStringify(mask: (text: string) => string): Stringify {
  /** A JSON.stringify replacer that masks sensitive fields at any depth. */
  function redact(name: string, value: unknown): unknown {
    if (SENSITIVE_FIELD.test(name)) return MASK;
    // Masked before it is cut: the mask would not recognize half a secret.
    if (typeof value === "string" && value.length > MAX_TEXT_LENGTH) return cut(mask(value));
    if (value instanceof Error) return describeError(value);
    return typeof value === "bigint" ? String(value) : value;
  }

  return (value) => {
    try {
      return JSON.stringify(value, redact);
    } catch {
      return undefined;
    }
  };
}

function cut(text: string): string {
  return `${text.slice(0, MAX_TEXT_LENGTH).toWellFormed()}…`;
}

function describeError({ name, message, stack, cause }: Error): Record<string, unknown> {
  return { name, reason: message, stack, cause };
}
