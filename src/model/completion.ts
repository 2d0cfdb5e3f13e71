import type { TokenUsage } from "../chat/events.ts";
import { type ModelDelta, ModelError, type ModelFinishReason } from "./model.ts";

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

interface ReadChunks {
  /** What was read, as one. */
  readonly delta: ModelDelta;
  /** What the server reports in the middle of its stream, or sends instead of a chunk. */
  readonly failure: ModelError | undefined;
}

/**
 * Reads the chunks of one streamed completion. Most servers send chunks that differ in nothing but the
 * token. Once one is parsed, those of the same form are cut instead, which takes a tenth of the time.
 */
export class ChunkReader {
  #form: ChunkForm | undefined;

  /** Reads the chunks that came together, up to the end of the stream or to the first that is wrong. */
  read(chunks: readonly string[]): ReadChunks {
    const delta: Reading = { tokens: [] };
    try {
      for (const data of chunks) {
        if (data === DONE) break;
        this.#readInto(delta, data);
      }
    } catch (error) {
      if (error instanceof ModelError) return { delta, failure: error };
      throw error;
    }
    return { delta, failure: undefined };
  }

  #readInto(reading: Reading, data: string): void {
    const token = this.#form && cutToken(data, this.#form);
    if (token !== undefined) {
      reading.tokens.push(token);
      return;
    }
    const tokensBefore = reading.tokens.length;
    const isTokenOnly = readChunk(data, reading);
    const read = reading.tokens[tokensBefore];
    if (isTokenOnly && read !== undefined) this.#form = formOf(data, read);
  }
}

/** What stands before and after the token in a chunk that holds nothing else. */
interface ChunkForm {
  readonly before: string;
  readonly after: string;
}

/** Text that JSON writes as it is, so that nothing in it can end the string that it stands in. */
const PLAIN = /^[^"\\\p{Cc}]+$/u;
const CONTENT = '"content":"';

/** Undefined where it is not certain which part of the chunk is the token. */
function formOf(data: string, token: string): ChunkForm | undefined {
  const start = data.indexOf(CONTENT) + CONTENT.length;
  const isOnly = start >= CONTENT.length && !data.includes(CONTENT, start);
  if (!isOnly || !PLAIN.test(token) || !data.startsWith(`${token}"`, start)) return undefined;
  return { before: data.slice(0, start), after: data.slice(start + token.length) };
}

function cutToken(data: string, { before, after }: ChunkForm): string | undefined {
  if (!data.startsWith(before) || !data.endsWith(after)) return undefined;
  const token = data.slice(before.length, -after.length);
  return PLAIN.test(token) ? copyOf(token) : undefined;
}

const copyBuffer = Buffer.alloc(1024);
/** Of a UTF-16 unit. */
const MAX_UTF8_BYTES = 3;

/**
 * A text of its own: what was cut out of a chunk keeps the whole chunk in memory, and a turn keeps its
 * tokens for minutes. Long ones are rare, and fill their chunk.
 */
function copyOf(text: string): string {
  if (text.length * MAX_UTF8_BYTES > copyBuffer.length) return text;
  return copyBuffer.toString("utf8", 0, copyBuffer.write(text));
}

/** Returns whether the chunk has a token and nothing else to tell. */
function readChunk(data: string, into: Reading): boolean {
  const chunk = parseObject(data);
  const choice = firstChoice(chunk);
  const delta = object(choice?.delta);
  const text = textOf(delta);
  const finishReason = finishReasonOf(choice);
  const usage = usageOf(chunk);
  if (text !== "") into.tokens.push(text);
  else if (isThinking(delta)) into.isThinking = true;
  if (finishReason !== undefined) into.finishReason = finishReason;
  if (usage !== undefined) into.usage = usage;
  return text !== "" && (finishReason ?? usage) === undefined;
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

/** No answer has a billion tokens. Larger numbers add up past what the database's sums can hold. */
const MAX_TOKENS = 1_000_000_000;

function count(value: unknown): number | undefined {
  const isCount = Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOKENS;
  return isCount ? Number(value) : undefined;
}

function object(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null ? (value as Json) : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
