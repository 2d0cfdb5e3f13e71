/**
 * What a model server says about a request that it refuses. There is no common form: OpenAI sends an
 * `error` object, pydantic a `detail` list, Google an array, others a bare `message` or plain text.
 */
export interface Refusal {
  readonly status: number;
  /** The parameter, when the server names it in a separate field: OpenAI's `param`, pydantic's `loc`. */
  readonly parameter: string;
  /** The first sentence for people. It can quote a visitor, so it is never logged. */
  readonly sentence: string;
  /** Codes, types and sentences, one a line, of bounded length. As private as the sentence. */
  readonly text: string;
}

const MAX_TEXT_LENGTH = 8192;
const MAX_DEPTH = 6;
/** Fields in which servers repeat the request, with the visitor's words. */
const REPEATED = /^(?:input|ctx|messages|content|body|request|prompt|url)$/;
const SENTENCES = /^(?:message|msg|detail|error|error_description|description|title|reason|raw)$/;
const NAMES = /^(?:param|loc|parameter|field)$/;

/** Reads the body of an error response, parsed if it was JSON. */
export function readRefusal(status: number, body: unknown): Refusal {
  const found: Found = { names: [], sentences: [], others: [] };
  collect(body, "message", found, MAX_DEPTH);
  return {
    status,
    parameter: found.names.join(" ").slice(0, MAX_TEXT_LENGTH),
    sentence: (found.sentences[0] ?? "").slice(0, MAX_TEXT_LENGTH),
    text: [...found.others, ...found.sentences].join("\n").slice(0, MAX_TEXT_LENGTH),
  };
}

interface Found {
  readonly names: string[];
  readonly sentences: string[];
  readonly others: string[];
}

function collect(value: unknown, key: string, found: Found, depth: number): void {
  if (depth === 0 || REPEATED.test(key)) return;
  if (typeof value === "string") {
    const text = value.slice(0, MAX_TEXT_LENGTH);
    if (NAMES.test(key)) found.names.push(text);
    else (SENTENCES.test(key) ? found.sentences : found.others).push(text);
  } else if (Array.isArray(value)) {
    for (const each of value.slice(0, 20)) collect(each, key, found, depth - 1);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, each] of Object.entries(value).slice(0, 20)) {
      collect(each, name, found, depth - 1);
    }
  }
}

/** Statuses that servers use for a prompt that is too long. OpenAI's 429 can mean that, too. */
const OVERFLOW_STATUSES: readonly number[] = [400, 413, 422, 429, 500];
const OVERFLOW = new RegExp(
  [
    // OpenAI, vLLM, SGLang, OpenRouter, llama.cpp, LM Studio, MiniMax, GitHub, Anthropic
    "context[ _-]?(?:length|window|size|limit)",
    "maximum (?:context|prompt|input|model) ?length",
    "(?:prompt|input|request|messages?) (?:is |are )?too (?:long|large)",
    "request (?:entity|body|payload).{0,20}(?:too large|exceeds)",
    "reduce the length of (?:the|your)",
    "(?:string_above_max_length|tokens_limit_reached|request_too_large|exceed_context_size)",
    "max_tokens must be at least 1, got -",
    "context shift is disabled",
    // Google, Kimi, Mistral, Cohere, TGI, DashScope, Zhipu
    "(?:token count|input tokens).{0,80}exceed",
    "exceeds? (?:the )?max(?:imum)? (?:number of tokens|length|tokens|sequence length)",
    "exceed(?:s|ed)? (?:the )?(?:model|input|prompt)? ?token limit",
    "too (?:large for model|many (?:input |prompt )?tokens)",
    "`inputs` (?:tokens|must have less than)",
    "range of input length",
    "超长",
  ].join("|"),
  "i",
);

/** Whether the prompt is too long for the model. A shorter one may then be answered. */
export function isOverflow({ status, text }: Refusal): boolean {
  if (status === 413) return true;
  if (!OVERFLOW_STATUSES.includes(status)) return false;
  // A 429 is usually about all requests of a minute; only "too large" is about this one.
  return status === 429 ? /too large/i.test(text) : OVERFLOW.test(text);
}
