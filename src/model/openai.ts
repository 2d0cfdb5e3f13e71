import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";

import type { ModelSettings } from "../config/model.ts";
import { MAX_TEXT_BYTES, notAModel, readStream, readText, readWholeAnswer } from "./answer-body.ts";
import { boundBody } from "./bounded-body.ts";
import { errorKind, readCompletion } from "./completion.ts";
import { type ChatModel, type ModelAnswer, ModelError, type ModelRequest } from "./model.ts";

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
