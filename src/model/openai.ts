import OpenAI, { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";

import { isOpenAi, type OpenAiSettings } from "../config/model.ts";
import { MAX_TEXT_BYTES, readAnswer, readStream } from "./answer-body.ts";
import { boundBody } from "./bounded-body.ts";
import { GeneratedText } from "./generated-text.ts";
import { type ChatModel, ModelError, type ModelRequest } from "./model.ts";
import { Manners, Negotiation } from "./negotiation.ts";
import type { Notify } from "./notify.ts";
import { readRefusal } from "./refusal.ts";
import { ReportedError } from "./reported-error.ts";
import { ThinkingHabit } from "./thinking-habit.ts";
import { type Failure, mayHaveAnswered, mayHaveArrived } from "./upstream-error.ts";

/**
 * The SDK repeats a request after no answer, 408, 409, 429 or 5xx. It waits for as long as Retry-After says,
 * up to a minute. It never repeats a request whose stream has begun.
 */
const MAX_RETRIES = 2;
/** Longer than all our own deadlines. Ours decide, because the SDK's covers only the wait for headers. */
const SDK_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/** A model behind the OpenAI API or any server that is compatible with it. */
export function createOpenAiModel(settings: OpenAiSettings, notify: Notify = () => {}): ChatModel {
  const client = createClient(settings);
  const manners = new Manners(notify);
  const habit = new ThinkingHabit();
  const { name: model, baseUrl, reasoningEffort } = settings;

  /** Returns what `read` reads. Most servers refuse with a status, some inside the answer. */
  async function ask<T>(
    { asked, stream, signal }: Question,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const options = { model, stream, isOpenAi: isOpenAi(baseUrl), reasoningEffort };
    const negotiation = new Negotiation(asked, options, { manners, baseUrl });
    for (;;) {
      try {
        const answer = await read(await send(negotiation.body(), { asked, stream, signal }));
        negotiation.settle();
        return answer;
      } catch (error) {
        if (error instanceof ReportedError) {
          if (asked.generated?.pieces === 0) asked.generated.requests -= 1;
          negotiation.adaptTo(error);
        } else if (error instanceof ModelError) throw error;
        else negotiation.adapt(readFailure(error));
      }
    }
  }

  /**
   * Uses the SDK's request, retries and errors, but not its iterator, which costs more CPU time per token
   * than all the rest of the server.
   */
  function send(body: unknown, { asked, stream, signal }: Question): Promise<Response> {
    const fetchOptions: PassedOn = { generated: asked.generated };
    return client.post("/chat/completions", { body, stream, signal, fetchOptions }).asResponse();
  }

  return {
    name: settings.name,

    stream: (asked, signal) =>
      ask({ asked, stream: true, signal }, (response) =>
        begun(readStream(response, habit, signal, asked.generated)[Symbol.asyncIterator]()),
      ),

    complete: (asked, signal) =>
      ask({ asked, stream: false, signal }, (response) =>
        readAnswer(response, habit, asked.generated),
      ),
  };
}

interface Question {
  readonly asked: ModelRequest;
  readonly stream: boolean;
  readonly signal: AbortSignal;
}

/** What the SDK passes on to fetchFromModel with each request, also with those that it repeats. */
interface PassedOn extends Pick<RequestInit, "redirect"> {
  readonly generated?: GeneratedText | undefined;
}

/** Waits for the first delta, because a question that fails before it can be asked again. */
async function begun<T>(stream: AsyncIterator<T>): Promise<AsyncIterable<T>> {
  let first: IteratorResult<T> | undefined = await stream.next();
  const iterator: AsyncIterator<T> = {
    next() {
      if (first === undefined) return stream.next();
      const result = Promise.resolve(first);
      first = undefined;
      return result;
    },
    async return() {
      await stream.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

function createClient({ apiKey, baseUrl, headers }: OpenAiSettings): OpenAI {
  // Azure needs a query in every address.
  const [baseURL = null, query] = baseUrl?.split("?") ?? [];
  return new OpenAI({
    // Local servers need no key, but the SDK insists on one. The placeholder is not sent.
    apiKey: apiKey ?? "none",
    defaultHeaders: { ...(apiKey === undefined ? { authorization: null } : {}), ...headers },
    baseURL,
    ...(query ? { defaultQuery: Object.fromEntries(new URLSearchParams(query)) } : {}),
    maxRetries: MAX_RETRIES,
    timeout: SDK_TIMEOUT_MS,
    fetch: fetchFromModel,
    // Only commands/environment.ts reads the environment, and the SDK's log would show visitors' messages.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: "off",
  });
}

/**
 * A redirect is not followed: it would send visitors' messages to an address that nobody configured, and
 * could show visitors what a server in the internal network answers. The SDK reads error bodies to their
 * end, so they are bounded here. Requests that may have been answered are counted.
 */
async function fetchFromModel(
  input: string | URL | Request,
  { generated = new GeneratedText(), ...init }: RequestInit & PassedOn = {},
): Promise<Response> {
  generated.requests += 1;
  try {
    const response = await fetch(input, { ...init, redirect: "manual" });
    if (response.ok) return response;
    if (!mayHaveAnswered(response.status)) generated.requests -= 1;
    return boundBody(response, MAX_TEXT_BYTES);
  } catch (error) {
    if (init.signal?.aborted !== true && !mayHaveArrived(connectionCode(error))) {
      generated.requests -= 1;
    }
    throw error;
  }
}

/** @throws ModelError when the error is not an answer of the server or a failed connection */
function readFailure(error: unknown): Failure {
  if (error instanceof APIUserAbortError) throw new ModelError("model_error", "aborted", error);
  if (error instanceof APIConnectionTimeoutError) {
    throw new ModelError("model_timeout", "the model did not answer in time");
  }
  if (!(error instanceof APIError)) {
    throw new ModelError("model_error", "the model could not be asked", error);
  }
  const { status, type, code } = error;
  if (status === undefined) return { kind: "unreachable", code: connectionCode(error.cause) };
  const isRedirect = status >= 300 && status < 400;
  const body: unknown = isRedirect ? (error.headers?.get("location") ?? "") : error.error;
  // A body that is not JSON is in the message, after the status.
  const refusal = readRefusal(status, body ?? error.message.replace(/^\d+ /, ""));
  return { kind: "refused", refusal, names: { type, code } };
}

/** The code of an error of fetch, or of one that it has caused. */
function connectionCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; depth < 5; depth++) {
    if (typeof cause !== "object" || cause === null) return undefined;
    const code: unknown = Reflect.get(cause, "code");
    if (typeof code === "string" && /^\w{1,60}$/.test(code)) return code;
    cause = Reflect.get(cause, "cause");
  }
  return undefined;
}
