import type { EmbeddingServer } from "../config/knowledge.ts";
import { boundBody } from "./bounded-body.ts";
import { embeddingKey, type EmbeddingModel, RefusedTextsError } from "./embedding-model.ts";
import { object, parseJson } from "./json.ts";
import { ModelError } from "./model.ts";
import { readRefusal, type Refusal } from "./refusal.ts";
import { accessHeaders, endpointOf } from "./server-access.ts";

/** 32 vectors of 8192 numbers, written out. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_LENGTH = 8192;

interface EmbeddingOptions {
  readonly name: string;
  /** How many numbers a vector is to have. Undefined: as many as the model makes. */
  readonly dimensions: number | undefined;
  readonly server: EmbeddingServer;
}

/** A model behind OpenAI's API for embeddings, or any server that is compatible with it. */
export function createOpenAiEmbeddings({
  name,
  dimensions,
  server,
}: EmbeddingOptions): EmbeddingModel {
  const url = endpointOf(server, "/embeddings");
  /** OpenAI's SDK asks for Base64, and some servers send it unless they are asked for numbers. Others know neither. */
  let hasEncoding = true;

  async function ask(input: readonly string[], signal: AbortSignal): Promise<unknown> {
    const encoding = hasEncoding ? { encoding_format: "float" } : {};
    const body = { model: name, input, dimensions, ...encoding };
    const { response, json } = await post(url, server, body, signal);
    if (response.ok) return json;
    const refusal = readRefusal(response.status, json);
    if (hasEncoding && /encoding_format/i.test(`${refusal.parameter} ${refusal.text}`)) {
      hasEncoding = false;
      return ask(input, signal);
    }
    throw refusedBy(refusal);
  }

  return {
    key: embeddingKey({ name, dimensions }),
    async embed(texts, signal, report = {}) {
      const json = await ask(texts, signal);
      report.promptTokens = object(object(json)?.["usage"])?.["prompt_tokens"];
      return readVectors(json, { count: texts.length, dimensions });
    },
  };
}

async function post(
  url: string,
  server: EmbeddingServer,
  body: object,
  signal: AbortSignal,
): Promise<{ readonly response: Response; readonly json: unknown }> {
  try {
    // A redirect would take the key and the texts to another address.
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...accessHeaders(server) },
      body: JSON.stringify(body),
      redirect: "manual",
      signal,
    });
    const text = await boundBody(response, MAX_BODY_BYTES).text();
    // What is not JSON comes from a proxy or an odd server, and may tell why it refuses.
    return { response, json: parseJson(text) ?? text };
  } catch (error) {
    if (signal.aborted) {
      const says = "the model for embeddings did not answer in time";
      throw new ModelError("model_timeout", says, error);
    }
    const says = "the model for embeddings could not be reached";
    throw new ModelError("model_error", says, error, { says, mend: MEND, isFree: true });
  }
}

const MEND = "check EMBEDDING_MODEL and EMBEDDING_BASE_URL";

/** The reason is for the log, so it has no text of the server. */
function refusedBy({ status }: Refusal): ModelError {
  const says = `the model for embeddings refused the request (status ${status})`;
  const refusal = (mend: string) =>
    new ModelError("model_error", `${says}: ${mend}`, undefined, { says, mend, isFree: true });
  if (status === 401 || status === 403) {
    return refusal("check EMBEDDING_API_KEY");
  }
  if (status === 404 || status === 405 || (status >= 300 && status < 400)) {
    return refusal(MEND);
  }
  if (status === 429 || status >= 500) return new ModelError("model_busy", says);
  return new RefusedTextsError(
    "model_error",
    `${says}: check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS`,
  );
}

interface Expected {
  readonly count: number;
  readonly dimensions: number | undefined;
}

/** @throws ModelError when they are not what was asked for */
function readVectors(json: unknown, { count, dimensions }: Expected): Float32Array[] {
  const data: unknown = object(json)?.["data"];
  if (!Array.isArray(data) || data.length !== count) throw wrong(`${count} vectors`);
  const vectors = new Map<unknown, Float32Array>();
  for (const [place, each] of data.entries()) {
    // Some servers leave the index out.
    vectors.set(object(each)?.["index"] ?? place, readVector(object(each)?.["embedding"]));
  }
  const length = dimensions ?? vectors.get(0)?.length;
  return Array.from({ length: count }, (_, index) => {
    const vector = vectors.get(index);
    if (vector === undefined || vector.length !== length)
      throw wrong(`${count} vectors of ${length ?? "some"} numbers`);
    return vector;
  });
}

function readVector(numbers: unknown): Float32Array {
  if (!Array.isArray(numbers) || numbers.length === 0 || numbers.length > MAX_LENGTH) {
    throw wrong(`vectors of 1 to ${MAX_LENGTH} numbers`);
  }
  if (!numbers.every((each) => typeof each === "number" && Number.isFinite(each))) {
    throw wrong("numbers");
  }
  return Float32Array.from(numbers);
}

function wrong(wanted: string): ModelError {
  return new ModelError("model_error", `the model for embeddings did not send ${wanted}`);
}
