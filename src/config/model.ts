import { SECOND_MS } from "../runtime/time.ts";
import {
  headerSecrets,
  type ModelHeaders,
  readModelAddress,
  readModelHeaders,
} from "./model-headers.ts";
import { EXAMPLE_KEY, readModelKey } from "./model-key.ts";
import { setOrNot, type SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

export interface OpenAiSettings {
  readonly kind: "openai";
  readonly name: string;
  /** False: the name is a default, so the server may not have that model. */
  readonly isNameSet: boolean;
  readonly apiKey: string | undefined;
  /** The address without user and password. Undefined: OpenAI. */
  readonly baseUrl: string | undefined;
  /** Sent with every request. */
  readonly headers: ModelHeaders;
  /** Undefined: no effort is sent. */
  readonly reasoningEffort: string | undefined;
  /** The texts among these settings that must never be shown. */
  readonly secrets: readonly string[];
}

/** `none`: production without a model, where every question is refused. */
export type ModelServer = { readonly kind: "demo" } | { readonly kind: "none" } | OpenAiSettings;

/** The model that answers, and how long it may be silent. */
export type ModelSettings = ModelServer & {
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
};

const DEFAULT_MODEL = "gpt-6-luna";
/** Large models behind a queue can think for half a minute before the first token. */
const DEFAULT_FIRST_TOKEN_TIMEOUT_MS = 60 * SECOND_MS;
const DEFAULT_IDLE_TIMEOUT_MS = 30 * SECOND_MS;

const WITHOUT_SERVER = { demo: "the built-in demo model", none: "none" } as const;

export const MODEL: SettingGroup<ModelSettings> = {
  read: (reader, environment) => readModelSettings(reader, environment === "production"),
  shown: {
    OPENAI_MODEL: (model) => (model.kind === "openai" ? model.name : WITHOUT_SERVER[model.kind]),
    OPENAI_BASE_URL: (model) => (model.kind === "openai" ? withoutUser(model.baseUrl) : "not set"),
    OPENAI_REASONING_EFFORT: (model) =>
      (model.kind === "openai" && model.reasoningEffort) || "not sent",
    OPENAI_HEADERS: headerNames,
    OPENAI_API_KEY: (model) => setOrNot(model.kind === "openai" ? model.apiKey : undefined),
    MODEL_FIRST_TOKEN_TIMEOUT_MS: ({ firstTokenTimeoutMs }) => String(firstTokenTimeoutMs),
    MODEL_IDLE_TIMEOUT_MS: ({ idleTimeoutMs }) => String(idleTimeoutMs),
  },
  secrets: ["OPENAI_API_KEY"],
  files: ["OPENAI_HEADERS"],
  editable: [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "OPENAI_REASONING_EFFORT",
    "OPENAI_HEADERS",
  ],
};

function readModelSettings(reader: SettingReader, isProduction: boolean): ModelSettings {
  return {
    ...readModelServer(reader, isProduction),
    firstTokenTimeoutMs: reader.duration(
      "MODEL_FIRST_TOKEN_TIMEOUT_MS",
      DEFAULT_FIRST_TOKEN_TIMEOUT_MS,
    ),
    idleTimeoutMs: reader.duration("MODEL_IDLE_TIMEOUT_MS", DEFAULT_IDLE_TIMEOUT_MS),
  };
}

function readModelServer(reader: SettingReader, isProduction: boolean): ModelServer {
  const apiKey = readModelKey(reader, "OPENAI_API_KEY");
  const address = readModelAddress(reader, "OPENAI_BASE_URL");
  const ownHeaders = readModelHeaders(reader);
  const authorizations = [apiKey, address.headers.authorization, ownHeaders.authorization];
  if (authorizations.filter((each) => each !== undefined).length > 1) {
    reader.refuse(
      "OPENAI_API_KEY",
      "is one of several values for Authorization, besides a user in OPENAI_BASE_URL or a header in OPENAI_HEADERS: keep one",
      EXAMPLE_KEY,
    );
  }
  const name = reader.word("OPENAI_MODEL", DEFAULT_MODEL);
  const reasoningEffort = readReasoningEffort(reader, name ?? DEFAULT_MODEL, address.url);
  if (apiKey !== undefined || reader.text("OPENAI_BASE_URL") !== undefined) {
    const headers = { ...address.headers, ...ownHeaders };
    return {
      kind: "openai",
      name: name ?? DEFAULT_MODEL,
      isNameSet: name !== undefined,
      apiKey,
      baseUrl: address.url,
      headers,
      reasoningEffort,
      secrets: [...(apiKey ? [apiKey] : []), ...address.secrets, ...headerSecrets(headers)],
    };
  }
  if (!isProduction) return { kind: "demo" };
  reader.refuseExample("OPENAI_API_KEY", EXAMPLE_KEY);
  return { kind: "none" };
}

/** Whether this is OpenAI's own server: no address, its address, or that of one of its regions. */
export function isOpenAi(baseUrl: string | undefined): boolean {
  if (baseUrl === undefined) return true;
  return /^(?:[a-z]+\.)?api\.openai\.com$/.test(new URL(baseUrl).hostname);
}

const EFFORTS = ["default", "none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

function readReasoningEffort(
  reader: SettingReader,
  model: string,
  baseUrl: string | undefined,
): string | undefined {
  const isSet = reader.text("OPENAI_REASONING_EFFORT") !== undefined;
  const effort = reader.choice("OPENAI_REASONING_EFFORT", EFFORTS, "default");
  if (effort !== "default") return effort;
  return !isSet && isOpenAi(baseUrl) && knowsNone(model) ? "none" : undefined;
}

/**
 * Whether the model accepts the effort `none`. From gpt-5.1 on, OpenAI's models think by default. Visitors
 * would wait for that, and the thoughts count against MAX_OUTPUT_TOKENS.
 */
function knowsNone(model: string): boolean {
  const version = /^(?:ft:)?gpt-(\d+)(?:\.(\d+))?(?![\d.]|[a-z])/.exec(model);
  if (version === null) return false;
  return Number(version[1]) + Number(version[2] ?? 0) / 100 > 5;
}

function headerNames(model: ModelSettings): string {
  const names = model.kind === "openai" ? Object.keys(model.headers) : [];
  return names.length === 0 ? "none" : `${names.join(", ")} (values not shown)`;
}

/** An address may carry a name and a password. */
export function withoutUser(address: string | undefined): string {
  if (address === undefined) return "OpenAI";
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href;
}
