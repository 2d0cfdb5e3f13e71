import type { TokenUsage } from "../chat/events.ts";
import { ModelError, type ModelFinishReason } from "./model.ts";

/**
 * Reads what OpenAI-compatible servers send. They differ in everything that is optional, so every
 * field is looked at as unknown.
 */

type Json = Readonly<Record<string, unknown>>;

/** The data of the event that ends a stream. */
export const DONE = "[DONE]";

/** A delta while it is put together. */
interface Reading {
  readonly tokens: string[];
  isThinking?: boolean;
  finishReason?: ModelFinishReason;
  usage?: TokenUsage;
}

/**
 * Reads the chunks of a streamed completion that came together, up to its end, as one delta.
 * @throws ModelError when the server reports an error in the middle of its stream
 */
export function readChunks(chunks: readonly string[]): Reading {
  const reading: Reading = { tokens: [] };
  for (const data of chunks) {
    if (data === DONE) break;
    readChunk(data, reading);
  }
  return reading;
}

/** Runs for every token, and so makes no object of its own. */
function readChunk(data: string, into: Reading): void {
  const chunk = parseObject(data);
  const choice = firstChoice(chunk);
  const delta = object(choice?.delta);
  const text = textOf(delta);
  if (text !== "") into.tokens.push(text);
  else if (isThinking(delta)) into.isThinking = true;
  const finishReason = finishReasonOf(choice);
  if (finishReason !== undefined) into.finishReason = finishReason;
  const usage = usageOf(chunk);
  if (usage !== undefined) into.usage = usage;
}

/**
 * A completion that was not streamed.
 * @throws ModelError when it is not one
 */
export function readCompletion(data: string) {
  const completion = parseObject(data);
  const choice = firstChoice(completion);
  const message = object(choice?.message);
  if (message === undefined) throw new ModelError("model_error", "the model sent no message");
  return {
    text: textOf(message),
    finishReason: finishReasonOf(choice) ?? ("stop" as const),
    ...optional("usage", usageOf(completion)),
  };
}

function parseObject(data: string): Json {
  const value = object(parse(data));
  if (value === undefined) throw new ModelError("model_error", "the model sent broken JSON");
  if (value.error !== undefined && value.error !== null && value.error !== "") {
    const kind = errorKind(object(value.error));
    throw new ModelError("model_error", `the model reported an error in its answer${kind}`);
  }
  return value;
}

/**
 * The type and code of an error as they may be logged: only when they look like names, because a
 * server can put a visitor's words into any field.
 */
export function errorKind(error: { readonly type?: unknown; readonly code?: unknown } | undefined) {
  const names = [error?.type, error?.code].filter(isName);
  return names.length === 0 ? "" : ` (${names.join(" ")})`;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^\w{1,40}$/.test(value);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // The caller reports it; the text itself may be a visitor's and is not kept.
    return undefined;
  }
}

function firstChoice(completion: Json): Json | undefined {
  return Array.isArray(completion.choices) ? object(completion.choices[0]) : undefined;
}

/** A refusal is what the model says to the visitor, too. */
function textOf(message: Json | undefined): string {
  const text = message?.content ?? message?.refusal;
  if (typeof text === "string") return text;
  if (!Array.isArray(text)) return "";
  const parts = text.map((part) => object(part)?.text);
  return parts.filter((part) => typeof part === "string").join("");
}

/** Reasoning models send what they think in a field of its own, which has two names. */
function isThinking(delta: Json | undefined): boolean {
  const thought = delta?.reasoning_content ?? delta?.reasoning;
  return typeof thought === "string" && thought !== "";
}

function finishReasonOf(choice: Json | undefined): ModelFinishReason | undefined {
  const reason = choice?.finish_reason;
  if (typeof reason !== "string" || reason === "") return undefined;
  return reason === "length" || reason === "content_filter" ? reason : "stop";
}

function usageOf(completion: Json): TokenUsage | undefined {
  if (completion.usage === undefined || completion.usage === null) return undefined;
  const usage = object(completion.usage);
  const promptTokens = count(usage?.prompt_tokens);
  const completionTokens = count(usage?.completion_tokens);
  if (promptTokens === undefined || completionTokens === undefined) return undefined;
  const totalTokens = count(usage?.total_tokens) ?? promptTokens + completionTokens;
  return { promptTokens, completionTokens, totalTokens };
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null ? (value as Json) : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
