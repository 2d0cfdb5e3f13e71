import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";

import { isOpenAi, type OpenAiSettings } from "../config/model.ts";
import { MAX_TEXT_BYTES, notAModel, readStream, readText, readWholeAnswer } from "./answer-body.ts";
import { boundBody } from "./bounded-body.ts";
import { readCompletion } from "./completion.ts";
import { type ChatModel, type ModelAnswer, ModelError, type ModelRequest } from "./model.ts";
import { withoutOldest } from "./overflow.ts";
import { isOverflow, readRefusal } from "./refusal.ts";
import { BEST_FORMS, type BodyOptions, concede, type Forms, requestBody } from "./request-body.ts";
import { type Failure, questionTooLong, toModelError } from "./upstream-error.ts";

/**
 * The SDK repeats a request that got no answer, 408, 409, 429 or 5xx, waits as Retry-After says up to
 * a minute, and never repeats one whose stream has begun.
 */
const MAX_RETRIES = 2;
/** Above every deadline of ours: those decide, because the SDK's covers only the wait for headers. */
const SDK_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/** Takes what the owner should know: a sentence and its fields, without a word of a chat. */
export type Notify = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** A model behind the OpenAI API or any server that is compatible with it. */
export function createOpenAiModel(settings: OpenAiSettings, notify: Notify = () => {}): ChatModel {
  const client = createClient(settings);
  /** How this server wants to be asked, as far as it has shown. */
  let knownForms: Forms = BEST_FORMS;

  /**
   * Asks, and asks again in another way where the server refuses a part of the request or finds it too
   * long. What it refuses is remembered once a request without it was answered: an error can name what
   * it does not mean.
   */
  async function request(
    asked: ModelRequest,
    stream: boolean,
    signal: AbortSignal,
  ): Promise<Response> {
    const options: BodyOptions = {
      model: settings.name,
      stream,
      isOpenAi: isOpenAi(settings.baseUrl),
      reasoningEffort: settings.reasoningEffort,
    };
    let current = asked;
    let forms = knownForms;
    const conceded: string[] = [];
    // Ends: each round sends less of the history, or takes the next of a few forms.
    for (;;) {
      try {
        const response = await send(requestBody(current, options, forms), stream, signal);
        if (conceded.length > 0) {
          knownForms = forms.map((form, index) => Math.max(form, knownForms[index] ?? 0));
          notify("the model's server refuses parts of a request: asked without", { conceded });
        }
        const messagesLeftOut = asked.history.length - current.history.length;
        if (messagesLeftOut > 0) {
          notify("the model's context is full: lower MAX_HISTORY_TOKENS", { messagesLeftOut });
        }
        return response;
      } catch (error) {
        const failure = readFailure(error);
        if (failure.kind === "unreachable") throw toModelError(failure, settings.baseUrl);
        if (isOverflow(failure.refusal)) {
          const history = withoutOldest(current.history);
          if (history === undefined) throw questionTooLong(failure);
          current = { ...current, history };
          continue;
        }
        const concession = concede(failure.refusal, current, options, forms);
        if (concession === undefined) throw toModelError(failure, settings.baseUrl);
        forms = concession.forms;
        conceded.push(concession.name);
      }
    }
  }

  /**
   * The SDK's request, retries and errors, but not its iterator, which costs more CPU a token than all
   * the rest of the server.
   */
  function send(body: unknown, stream: boolean, signal: AbortSignal): Promise<Response> {
    return client.post("/chat/completions", { body, stream, signal }).asResponse();
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

function createClient({ apiKey, baseUrl, headers }: OpenAiSettings): OpenAI {
  // Azure wants a query in every address.
  const [baseURL = null, query] = baseUrl?.split("?") ?? [];
  return new OpenAI({
    // Local servers need no key, but the SDK wants one; what stands for it is not sent.
    apiKey: apiKey ?? "none",
    defaultHeaders: { ...(apiKey === undefined ? { authorization: null } : {}), ...headers },
    baseURL,
    ...(query ? { defaultQuery: Object.fromEntries(new URLSearchParams(query)) } : {}),
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

/** @throws ModelError when there is nothing to be read of it */
function readFailure(error: unknown): Failure {
  if (error instanceof APIUserAbortError) throw new ModelError("model_error", "aborted", error);
  if (error instanceof APIConnectionTimeoutError) {
    throw new ModelError("model_timeout", "the model did not answer in time");
  }
  if (!(error instanceof APIError)) {
    throw new ModelError("model_error", "the model could not be asked", error);
  }
  const { status, type, code } = error;
  if (status === undefined) return { kind: "unreachable", code: connectionCode(error) };
  const body: unknown = error.error;
  // What is no JSON stands in the message, behind the status.
  const refusal = readRefusal(status, body ?? error.message.replace(/^\d+ /, ""));
  return { kind: "refused", refusal, names: { type, code } };
}

function connectionCode(error: APIError): string | undefined {
  for (let cause: unknown = error.cause, depth = 0; depth < 4; depth++) {
    if (typeof cause !== "object" || cause === null) return undefined;
    const code: unknown = Reflect.get(cause, "code");
    if (typeof code === "string" && /^\w{1,60}$/.test(code)) return code;
    cause = Reflect.get(cause, "cause");
  }
  return undefined;
}
