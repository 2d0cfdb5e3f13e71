import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";

import type { ModelSettings } from "../config/model.ts";
import { loopTurnIsDue } from "../event-loop-turn.ts";
import { boundBody } from "./bounded-body.ts";
import { ChunkReader, DONE, errorKind, readCompletion } from "./completion.ts";
import {
  type ChatModel,
  type ModelAnswer,
  type ModelDelta,
  ModelError,
  type ModelRequest,
} from "./model.ts";
import { SseDecoder } from "./sse-decoder.ts";

/**
 * The SDK repeats a request that got no answer, 408, 409, 429 or 5xx, waits as Retry-After says up to
 * a minute, and never repeats one whose stream has begun.
 */
const MAX_RETRIES = 2;
/** Above every deadline of ours: those decide, because the SDK's covers only the wait for headers. */
const SDK_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/** Whether it is OpenAI's own server, also where its address is written out, or that of a region. */
export function isOpenAi(baseUrl: string | undefined): boolean {
  if (baseUrl === undefined) return true;
  return /^(?:[a-z]+\.)?api\.openai\.com$/.test(new URL(baseUrl).hostname);
}

/** A model behind the OpenAI API or any server that is compatible with it. */
export function createOpenAiModel(settings: Extract<ModelSettings, { kind: "openai" }>): ChatModel {
  const client = new OpenAI({
    // Local servers need no key, but the SDK wants one.
    apiKey: settings.apiKey ?? "none",
    baseURL: settings.baseUrl ?? null,
    maxRetries: MAX_RETRIES,
    timeout: SDK_TIMEOUT_MS,
    fetch: fetchFromModel,
    // Only main.ts reads the environment, and the SDK's log would show what visitors write.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: "off",
  });

  /**
   * The SDK's request, retries and errors, but not its iterator, which costs more CPU a token than all
   * the rest of the server.
   */
  async function request(
    { systemPrompt, history, maxOutputTokens }: ModelRequest,
    stream: boolean,
    signal: AbortSignal,
  ): Promise<Response> {
    const body = {
      model: settings.name,
      messages: [{ role: "system" as const, content: systemPrompt }, ...history],
      // OpenAI's newer models refuse max_tokens; compatible servers know nothing else.
      ...(isOpenAi(settings.baseUrl)
        ? { max_completion_tokens: maxOutputTokens }
        : { max_tokens: maxOutputTokens }),
    };
    try {
      const call = stream
        ? client.chat.completions.create(
            { ...body, stream: true, stream_options: { include_usage: true } },
            { signal },
          )
        : client.chat.completions.create(body, { signal });
      return await call.asResponse();
    } catch (error) {
      throw toModelError(error);
    }
  }

  return {
    name: settings.name,

    async stream(modelRequest: ModelRequest, signal: AbortSignal) {
      const response = await request(modelRequest, true, signal);
      const mediaType = response.headers.get("content-type") ?? "";
      if (mediaType.includes("text/html")) throw await notAModel(response);
      // Some servers ignore `stream` and send the whole answer.
      return mediaType.includes("application/json")
        ? readWholeAnswer(response)
        : readStream(response, signal);
    },

    async complete(modelRequest: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
      const response = await request(modelRequest, false, signal);
      const mediaType = response.headers.get("content-type") ?? "";
      if (mediaType.includes("text/html")) throw await notAModel(response);
      return readCompletion(await readText(response));
    },
  };
}

/**
 * What a model may send for one answer: a hundred thousand tokens in chunks of their own, with room for
 * those of a model that thinks aloud. Without a bound, one that never stops would never be stopped.
 */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;
/** The longest answer that is kept, half a million characters, with each of them escaped in JSON. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/**
 * A redirect is not followed: it would take what visitors write to an address that nobody configured,
 * and what that address answers, of an internal network perhaps, to the visitors. The SDK reads an
 * error whole, so its end is set here.
 */
async function fetchFromModel(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "manual" });
  return response.ok ? response : boundBody(response, MAX_TEXT_BYTES);
}

/** How long the connection of a whole answer is kept for its end. */
const AFTER_DONE_TIMEOUT_MS = 1000;
const BROKEN_CONNECTION = "the connection to the model broke";

async function* readWholeAnswer(response: Response): AsyncIterable<ModelDelta> {
  const { text, ...end } = readCompletion(await readText(response));
  yield { tokens: text === "" ? [] : [text], ...end };
}

async function* readStream(response: Response, signal: AbortSignal): AsyncIterable<ModelDelta> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new SseDecoder();
  const chunks = new ChunkReader();
  let isDone = false;
  let hasFinished = false;
  let bytes = 0;
  try {
    while (!isDone) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      bytes += value?.byteLength ?? 0;
      if (bytes > MAX_STREAM_BYTES) throw new ModelError("model_error", "the model does not stop");
      const events = value === undefined ? decoder.end() : decoder.push(value);
      const { delta, failure } = chunks.read(events);
      if (failure !== undefined) {
        // What came before it in the same packet was said.
        if (isSign(delta)) yield delta;
        throw failure;
      }
      const isMarked = events.includes(DONE);
      isDone = done || isMarked;
      // [DONE] without a finish reason is a whole answer too; an end without either was a cut.
      hasFinished ||= delta.finishReason !== undefined;
      if (isMarked && !hasFinished) yield { ...delta, finishReason: "stop" };
      else if (isSign(delta)) yield delta;
      const turn = loopTurnIsDue();
      if (turn !== undefined) await turn;
    }
  } catch (error) {
    if (error instanceof ModelError || signal.aborted) throw error;
    throw new ModelError("model_error", BROKEN_CONNECTION, error);
  } finally {
    // Also closes the connection when whoever reads this stream has stopped reading.
    if (isDone) void readToEnd(reader);
    else await reader.cancel().catch(() => undefined);
  }
}

/**
 * The end of the body follows its [DONE]. Only a connection whose answer was read to the end carries the
 * next request; a server that does not end is let go.
 */
async function readToEnd(
  reader: Pick<ReadableStreamDefaultReader, "read" | "cancel">,
): Promise<void> {
  const timer = setTimeout(
    () => void reader.cancel().catch(() => undefined),
    AFTER_DONE_TIMEOUT_MS,
  );
  try {
    while (!(await reader.read()).done) {
      // Nothing after [DONE] is part of the answer.
    }
  } catch {
    // The answer is whole: what breaks now is nobody's loss.
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the chunk shows a model at work: an empty one does not. */
function isSign({ tokens, isThinking, finishReason, usage }: ModelDelta): boolean {
  return tokens.length > 0 || isThinking === true || (finishReason ?? usage) !== undefined;
}

async function readText(response: Response): Promise<string> {
  try {
    return await (isShort(response) ? response : boundBody(response, MAX_TEXT_BYTES)).text();
  } catch (error) {
    throw new ModelError("model_error", BROKEN_CONNECTION, error);
  }
}

/** Says how long it is, and HTTP holds to that, unless it is packed or in chunks. Read faster so. */
function isShort({ headers }: Response): boolean {
  const bytes = headers.get("content-length");
  const isAsLong = !headers.has("transfer-encoding") && !headers.has("content-encoding");
  return bytes !== null && Number(bytes) <= MAX_TEXT_BYTES && isAsLong;
}

/** The page is let go unread: a captive portal's may have no end. */
async function notAModel(response: Response): Promise<ModelError> {
  await response.body?.cancel().catch(() => undefined);
  return new ModelError("model_error", "OPENAI_BASE_URL answers with a web page, not with a model");
}

/** What the owner can do about a status, for the log. The model's own words may quote the visitor. */
const HINTS: Readonly<Record<number, string>> = {
  400: "the model refused the request: check OPENAI_MODEL and MAX_OUTPUT_TOKENS",
  401: "the model refused the key: check OPENAI_API_KEY",
  403: "the model refused access: check OPENAI_API_KEY and what it may use",
  404: "the model was not found: check OPENAI_MODEL and OPENAI_BASE_URL",
  429: "the model is rate limited or its account is out of quota",
};

const REDIRECT_HINT =
  "the model's address redirects: set OPENAI_BASE_URL to the one it leads to, if that is yours";

function toModelError(error: unknown): ModelError {
  if (error instanceof APIUserAbortError) return new ModelError("model_error", "aborted", error);
  if (error instanceof APIConnectionTimeoutError) {
    return new ModelError("model_timeout", "the model did not answer in time");
  }
  if (!(error instanceof APIError)) {
    return new ModelError("model_error", "the model could not be asked", error);
  }
  if (error.status === undefined) {
    return new ModelError("model_error", "the model could not be reached: check OPENAI_BASE_URL");
  }
  const isRedirect = error.status >= 300 && error.status < 400;
  const hint = isRedirect ? REDIRECT_HINT : (HINTS[error.status] ?? "the model failed");
  const isBusy = error.status === 429 || error.status === 503 || error.status === 529;
  return new ModelError(
    isBusy ? "model_busy" : "model_error",
    `${hint}: status ${error.status}${errorKind(error)}`,
  );
}
