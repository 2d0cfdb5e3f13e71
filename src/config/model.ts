import { HEADER_SAFE, type SettingReader } from "./setting-reader.ts";
import { SECOND_MS } from "./time.ts";

export type ModelSettings =
  | { readonly kind: "demo" }
  | {
      readonly kind: "openai";
      readonly name: string;
      readonly apiKey: string | undefined;
      readonly baseUrl: string | undefined;
    };

/** Which model answers, and how long it may be silent. */
export interface ModelServerSettings {
  readonly model: ModelSettings;
  readonly modelFirstTokenTimeoutMs: number;
  readonly modelIdleTimeoutMs: number;
}

const DEFAULT_MODEL = "gpt-4.1-mini";
/** Large models behind a queue can think for half a minute before the first token. */
const DEFAULT_FIRST_TOKEN_TIMEOUT_MS = 60 * SECOND_MS;
const DEFAULT_IDLE_TIMEOUT_MS = 30 * SECOND_MS;

export function readModelServerSettings(
  reader: SettingReader,
  isProduction: boolean,
): ModelServerSettings {
  return {
    model: readModel(reader, isProduction),
    modelFirstTokenTimeoutMs: reader.duration(
      "MODEL_FIRST_TOKEN_TIMEOUT_MS",
      DEFAULT_FIRST_TOKEN_TIMEOUT_MS,
    ),
    modelIdleTimeoutMs: reader.duration("MODEL_IDLE_TIMEOUT_MS", DEFAULT_IDLE_TIMEOUT_MS),
  };
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
