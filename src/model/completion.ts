import type { TokenUsage } from "../conversation/records.ts";
import { AnswerEnd } from "./answer-end.ts";
import { readEnd, type SaidEnd } from "./endings.ts";
import { GeneratedText } from "./generated-text.ts";
import { type Json, object, parseJson } from "./json.ts";
import { type ModelDelta, ModelError, type ModelFinishReason } from "./model.ts";
import { reportedError } from "./reported-error.ts";
import { ThinkingHabit } from "./thinking-habit.ts";
import { ThoughtFilter } from "./thoughts.ts";

/**
 * Reads what OpenAI-compatible servers send. They differ in everything that is optional, so every
 * field is checked before it is used.
 */

/** The data of the event that ends a stream. */
const DONE = "[DONE]";

/** A delta that is being put together. */
interface Reading {
  readonly tokens: string[];
  isThinking?: boolean;
  takesBack?: boolean;
  usage?: TokenUsage;
}

interface ReadChunks {
  /** Everything that was read, as one delta. */
  readonly delta: ModelDelta;
  /** The error that the server reported within its stream, or a chunk that could not be read. */
  readonly failure: ModelError | undefined;
}

/**
 * Reads the chunks of one completion, streamed or whole. Most servers send chunks that differ only in the
 * token. Once one chunk is parsed, the token is cut out of later chunks of the same form, which takes a
 * tenth of the time.
 */
export class ChunkReader {
  /** What the chunks so far show about the answer's end. */
  readonly end = new AnswerEnd();
  readonly #thoughts: ThoughtFilter;
  #form: ChunkForm | undefined;
  /** How many chunks in a row had another form than the one before. */
  #formMisses = 0;
  #hasText = false;

  readonly #generated: GeneratedText;

  /** @param generated counts everything that is read */
  constructor(habit = new ThinkingHabit(), generated = new GeneratedText()) {
    this.#thoughts = new ThoughtFilter(habit);
    this.#generated = generated;
  }

  /** Reads chunks that came together, up to [DONE] or to the first one with an error. */
  read(chunks: readonly string[]): ReadChunks {
    const delta: Reading = { tokens: [] };
    try {
      for (const data of chunks) {
        if (data.length <= MAX_MARK_LENGTH) {
          const text = data.trim();
          if (KEEP_ALIVE.test(text)) continue;
          if (text.toUpperCase() === DONE) {
            this.end.mark();
            break;
          }
        }
        this.#readInto(delta, data);
      }
    } catch (error) {
      if (error instanceof ModelError) return { delta, failure: error };
      throw error;
    }
    return { delta, failure: undefined };
  }

  /** The text that was held back and belongs to the answer, once the answer has ended. */
  rest(finishReason: ModelFinishReason): string[] {
    const rest = this.#thoughts.end(finishReason === "stop");
    return rest === "" ? [] : [rest];
  }

  #readInto(reading: Reading, data: string): void {
    const cut = this.#form && cutToken(data, this.#form);
    if (cut !== undefined) {
      this.#formMisses = 0;
      this.end.goOn();
      this.#take(reading, cut);
      return;
    }
    const chunk = object(parseJson(data));
    if (chunk === undefined) throw new ModelError("model_error", "the model sent broken JSON");
    const error = reportedError(chunk, data);
    if (error !== undefined) throw error;
    const token = this.#readChunk(reading, chunk);
    if (token === undefined || this.#formMisses > MAX_FORM_MISSES) return;
    this.#formMisses += 1;
    this.#form = this.#formMisses > MAX_FORM_MISSES ? undefined : formOf(data, token);
  }

  /** Returns the token of a chunk that has nothing else. */
  #readChunk(reading: Reading, chunk: Json): string | undefined {
    const choice = choiceIn(chunk);
    const said = this.#contentIn(choice);
    const text = isThought(said) ? "" : textOf(said);
    const isThinking = text === "" && thinks(said);
    const end = endIn(choice);
    const usage = usageOf(chunk);
    this.end.note({
      goesOn: text !== "" || isThinking,
      end,
      isUsageAlone: usage !== undefined && choice === undefined,
    });
    if (isThinking) {
      this.#thoughts.thinksApart();
      this.#generated.add(thoughtIn(said));
      reading.isThinking = true;
    }
    if (text !== "") this.#take(reading, text);
    if (usage !== undefined) reading.usage = usage;
    const isTokenOnly = text !== "" && end === undefined && usage === undefined;
    return isTokenOnly ? text : undefined;
  }

  /** The object with the text. A whole message that follows deltas only repeats them, and is ignored. */
  #contentIn(choice: Choice | undefined): Json | undefined {
    if (choice?.delta !== undefined) return choice.delta;
    return this.#hasText ? undefined : choice?.message;
  }

  #take(reading: Reading, token: string): void {
    this.#hasText = true;
    this.#generated.add(token);
    if (this.#thoughts.passes(token)) {
      reading.tokens.push(token);
      return;
    }
    const sifted = this.#thoughts.sift(token);
    if (sifted === undefined) {
      reading.isThinking = true;
      return;
    }
    if (sifted.takesBack) {
      reading.tokens.length = 0;
      reading.takesBack = true;
    }
    if (sifted.text !== "") reading.tokens.push(sifted.text);
  }
}

/** After this many misses, cutting is given up: chunks of some servers, such as OpenAI, always differ. */
const MAX_FORM_MISSES = 8;
/** Longer data is neither the mark of the end nor a keep-alive. */
const MAX_MARK_LENGTH = 16;

/** Data that some servers send only to keep the connection alive. */
const KEEP_ALIVE = /^(?:|null|""|\[\]|:.*|\W*(?:ping|heartbeat|keep[-_ ]?alive)\W*)$/i;

/** The text before and after the token in a chunk that has nothing else. */
interface ChunkForm {
  readonly before: string;
  readonly after: string;
}

/** Text that JSON writes without escapes, so that nothing in it can end its string. */
const PLAIN = /^[^"\\\p{Cc}]+$/u;
const CONTENT = '"content":"';

/** Undefined when it is not certain which part of the chunk is the token. */
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
/** The most UTF-8 bytes that one UTF-16 unit needs. */
const MAX_UTF8_BYTES = 3;

/**
 * An independent copy of the text. A slice would keep its whole chunk in memory, and a turn keeps its tokens
 * for minutes. Long tokens are not copied: they are rare, and most of their chunk.
 */
function copyOf(text: string): string {
  if (text.length * MAX_UTF8_BYTES > copyBuffer.length) return text;
  return copyBuffer.toString("utf8", 0, copyBuffer.write(text));
}

/** The part of a chunk that is about the answer. */
interface Choice {
  readonly delta: Json | undefined;
  /** The message of an answer that comes as a whole. */
  readonly message: Json | undefined;
  readonly finishReason: unknown;
  /** The finish reason of the server behind a gateway. */
  readonly nativeFinishReason: unknown;
}

function choiceIn(chunk: Json): Choice | undefined {
  if (Array.isArray(chunk.choices)) {
    const choice = object(chunk.choices[0]);
    if (choice === undefined) return undefined;
    const message = object(choice.message);
    const isPiece = chunk.object === "chat.completion.chunk";
    return {
      delta: object(choice.delta) ?? (isPiece ? message : undefined),
      message,
      finishReason: choice.finish_reason ?? choice.finishReason,
      nativeFinishReason: choice.native_finish_reason,
    };
  }
  // Ollama's own form: a line for each token, without choices.
  const delta = object(chunk.message);
  const isOver = chunk.done === true;
  if (delta === undefined && !isOver) return undefined;
  const finishReason = isOver ? (chunk.done_reason ?? "stop") : undefined;
  return { delta, message: undefined, finishReason, nativeFinishReason: undefined };
}

/** The finish reason in a chunk. A whole message without one counts as ended. */
function endIn(choice: Choice | undefined): SaidEnd | undefined {
  if (choice === undefined) return undefined;
  const { delta, message, finishReason, nativeFinishReason } = choice;
  const isWhole = delta === undefined && message !== undefined;
  return readEnd(finishReason, nativeFinishReason) ?? (isWhole ? readEnd("stop") : undefined);
}

/** The text for the visitor. A refusal of the model is text for the visitor, too. */
function textOf(message: Json | undefined): string {
  const content = message?.content;
  const text = Array.isArray(content) ? content.map(textOfPart).join("") : content;
  if (typeof text === "string" && text !== "") return text;
  return typeof message?.refusal === "string" ? message.refusal : "";
}

function textOfPart(value: unknown): string {
  const part = object(value);
  return typeof part?.text === "string" && !isThought(part) ? part.text : "";
}

const THOUGHT = /think|thought|reason/i;

/** Whether a message, or a part of one, is marked as a thought. */
function isThought(part: Json | undefined): boolean {
  if (part === undefined) return false;
  if (part.thought === true) return true;
  if (typeof part.type === "string" && THOUGHT.test(part.type)) return true;
  return object(object(part.extra_content)?.google)?.thought === true;
}

/** Fields with thoughts. Servers name them differently: `reasoning_content`, `thinking_blocks`. */
const THOUGHT_FIELD = /think|thought|reasoning|^cot$/i;

function thinks(message: Json | undefined): boolean {
  if (message === undefined) return false;
  if (isThought(message)) return true;
  if (Array.isArray(message.content) && message.content.some((part) => isThought(object(part)))) {
    return true;
  }
  return Object.keys(message).some((name) => THOUGHT_FIELD.test(name) && isThere(message[name]));
}

/** The text of a thought. Some servers send it in several fields: the longest has all of it. */
function thoughtIn(message: Json | undefined): string {
  const { content } = message ?? {};
  const inContent = isThought(message) && typeof content === "string" ? content : "";
  const parts = Array.isArray(content) ? content.map(object).filter(isThought) : [];
  const inParts = parts.map((part) => Object.values(part ?? {}).findLast(isText) ?? "").join("");
  const inFields = Object.entries(message ?? {})
    .filter(([name]) => THOUGHT_FIELD.test(name))
    .map(([, value]) => (isText(value) ? value : ""));
  return [inContent, inParts, ...inFields].reduce((one, other) =>
    other.length > one.length ? other : one,
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isThere(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return (typeof value === "string" && value !== "") || object(value) !== undefined;
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

/** No answer has a billion tokens, and sums of larger numbers would overflow in the database. */
const MAX_TOKENS = 1_000_000_000;

function count(value: unknown): number | undefined {
  const isCount = Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOKENS;
  return isCount ? Number(value) : undefined;
}
