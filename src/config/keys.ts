import { databaseSecrets, type DatabaseSettings } from "./database.ts";
import { countUnpredictable } from "./guessable.ts";
import type { KnowledgeSettings } from "./knowledge.ts";
import { headerSecrets } from "./model-headers.ts";
import type { ModelSettings } from "./model.ts";
import type { NoticeSettings } from "./notices.ts";
import { passwordProblem } from "./password.ts";
import { replicaSecrets, type ReplicaSettings } from "./replicas.ts";
import { secretsInUrl } from "./server-url.ts";
import { countKeys, setOrNot, type SettingGroup } from "./setting-group.ts";
import { HEADER_SAFE, type SettingReader } from "./setting-reader.ts";

/** The keys and the password: for visitors, the owner and a monitor. */
export interface KeySettings {
  /** Without one, the server makes one and keeps it in the database. */
  readonly widget: readonly string[];
  /** For programs that ask as visitors do. Empty: only widget keys open the chat. */
  readonly program: readonly string[];
  readonly admin: readonly string[];
  /** Without one, /metrics is open in development and does not exist in production. */
  readonly metrics: readonly string[];
  /** Without one, the owner chooses the password in the dashboard. */
  readonly dashboardPassword: string | undefined;
}

/** Widget keys that are made for development begin with this. */
export const DEVELOPMENT_KEY_PREFIX = "dev_";

/** Shorter keys could be guessed: 24 characters of base64 hold 144 bits. */
const MIN_KEY_LENGTH = 24;
/** Half of the shortest key. Of a million random keys, every one had at least 16; see guessable.ts. */
const MIN_UNPREDICTABLE = 12;
/** Works in a shell. In a file it is recognised as an example. */
const EXAMPLE_KEY = "$(openssl rand -base64 24)";

export const KEYS: SettingGroup<KeySettings> = {
  read: (reader, environment) => readKeySettings(reader, environment === "production"),
  shown: {
    WIDGET_API_KEY: ({ widget }) => countKeys(widget),
    PROGRAM_API_KEY: ({ program }) => countKeys(program),
    ADMIN_API_KEY: ({ admin }) => countKeys(admin),
    METRICS_KEY: ({ metrics }) => countKeys(metrics),
    DASHBOARD_PASSWORD: ({ dashboardPassword }) => setOrNot(dashboardPassword),
  },
  secrets: [
    "WIDGET_API_KEY",
    "PROGRAM_API_KEY",
    "ADMIN_API_KEY",
    "METRICS_KEY",
    "DASHBOARD_PASSWORD",
  ],
};

function readKeySettings(reader: SettingReader, isProduction: boolean): KeySettings {
  return {
    widget: readWidgetKeys(reader, isProduction),
    program: readKeys(reader, "PROGRAM_API_KEY"),
    admin: readKeys(reader, "ADMIN_API_KEY"),
    metrics: readKeys(reader, "METRICS_KEY"),
    dashboardPassword: readPassword(reader, isProduction),
  };
}

type KeyName = "WIDGET_API_KEY" | "PROGRAM_API_KEY" | "ADMIN_API_KEY" | "METRICS_KEY";

function readKeys(reader: SettingReader, name: KeyName): string[] {
  const keys = reader.secrets(name);
  const refuseIf = (isWrong: (key: string) => boolean, problem: string) => {
    if (keys.some(isWrong)) reader.refuse(name, problem, EXAMPLE_KEY);
  };
  const isShort = (key: string) => key.length < MIN_KEY_LENGTH;
  refuseIf(isShort, `has a key shorter than ${MIN_KEY_LENGTH} characters`);
  refuseIf(
    (key) => !isShort(key) && countUnpredictable(key) < MIN_UNPREDICTABLE,
    "has a key that can be guessed: most of it is a run or repeats itself",
  );
  refuseIf(
    (key) => !HEADER_SAFE.test(key),
    "has a key with characters that cannot travel in a header",
  );
  return keys;
}

function readWidgetKeys(reader: SettingReader, isProduction: boolean): string[] {
  const keys = readKeys(reader, "WIDGET_API_KEY");
  if (keys.length === 0 && isProduction) reader.refuseExample("WIDGET_API_KEY", EXAMPLE_KEY);
  return keys;
}

function readPassword(reader: SettingReader, isProduction: boolean): string | undefined {
  const password = reader.secret("DASHBOARD_PASSWORD");
  if (password === undefined) return undefined;
  const problem = /[\r\n]/.test(password)
    ? "has more than one line, and a login form has one"
    : isProduction && passwordProblem(password);
  if (problem) reader.refuse("DASHBOARD_PASSWORD", problem, EXAMPLE_KEY);
  return password;
}

interface WithSecrets {
  readonly keys: KeySettings;
  readonly model: ModelSettings;
  readonly knowledge: KnowledgeSettings;
  readonly database: DatabaseSettings;
  readonly replicas: ReplicaSettings;
  readonly notices: NoticeSettings;
}

/** Secrets that go to the servers of models. */
const OF_MODELS: readonly string[] = ["OPENAI_API_KEY", "OPENAI_HEADERS", "EMBEDDING_API_KEY"];

/** Each secret may have one purpose only: somebody who sees it used for one could use it for the other. */
export function refuseSharedSecrets(
  reader: SettingReader,
  { keys, model, knowledge, database, replicas, notices }: WithSecrets,
): void {
  const isOpenAi = model.kind === "openai";
  const { parts } = notices;
  const groups: readonly (readonly [string, readonly (string | undefined)[]])[] = [
    // These come first, so that the owner's own secret is refused, which is easier to change.
    ["DATABASE_URL", databaseSecrets(database)],
    ["REDIS_URL", replicaSecrets(replicas)],
    ["OPENAI_API_KEY", [isOpenAi ? model.apiKey : undefined]],
    ["OPENAI_HEADERS", isOpenAi ? headerSecrets(model.headers) : []],
    ["EMBEDDING_API_KEY", [knowledge.embedding.server?.apiKey]],
    ["SMTP_URL", parts.smtp === undefined ? [] : secretsInUrl(parts.smtp)],
    ["WEBHOOK_SECRET", parts.webhookSecrets],
    ["NTFY_TOKEN", [parts.ntfyToken]],
    ["TELEGRAM_TOKEN", [parts.telegramToken]],
    ["WIDGET_API_KEY", keys.widget],
    ["PROGRAM_API_KEY", keys.program],
    ["ADMIN_API_KEY", keys.admin],
    ["METRICS_KEY", keys.metrics],
    ["DASHBOARD_PASSWORD", [keys.dashboardPassword]],
  ];
  const owners = new Map<string, string>();
  for (const [name, values] of groups) {
    const others = new Set(values.map((value) => owners.get(value ?? "")));
    others.delete(undefined);
    // Both may go to one server, and some servers want the key in a header of their own.
    if (OF_MODELS.includes(name)) for (const each of OF_MODELS) others.delete(each);
    for (const value of values) if (value !== undefined) owners.set(value, name);
    const [other] = others;
    if (other === undefined) continue;
    const isPublic = [name, other].includes("WIDGET_API_KEY");
    const why = isPublic ? ", and every visitor can read WIDGET_API_KEY" : "";
    reader.refuse(name, `shares a value with ${other}${why}`, EXAMPLE_KEY);
  }
}
