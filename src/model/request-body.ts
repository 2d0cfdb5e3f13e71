import type { HistoryMessage } from "../conversation/records.ts";
import type { ModelRequest } from "./model.ts";
import type { Refusal } from "./refusal.ts";

/**
 * The parts of a request besides the model's name, each with its alternatives. Servers refuse parts that
 * they do not know: OpenAI's newer models refuse `max_tokens`, older servers `stream_options`, models that
 * do not reason `reasoning_effort`, and Gemma's template a system message.
 */

export type Fields = Readonly<Record<string, unknown>>;

export interface BodyOptions {
  readonly model: string;
  readonly stream: boolean;
  readonly isOpenAi: boolean;
  /** Not sent when undefined. */
  readonly reasoningEffort: string | undefined;
}

interface Part {
  /** The name that the owner reads in the log. */
  readonly name: string;
  /** How an error names the part. */
  readonly named: RegExp;
  /** The alternatives, the best first. */
  readonly forms: readonly ((request: ModelRequest, options: BodyOptions) => Fields)[];
}

const leftOut = () => ({});
const maxTokens = ({ maxOutputTokens }: ModelRequest) => ({ max_tokens: maxOutputTokens });
const maxCompletionTokens = ({ maxOutputTokens }: ModelRequest) => ({
  max_completion_tokens: maxOutputTokens,
});

const PARTS: readonly Part[] = [
  {
    // OpenAI streams some models to verified organizations only. An answer that is not streamed works, too.
    name: "streaming",
    named:
      /^(?:body )?stream$|\bstream(?:ing)?\b.{0,40}(?:not (?:supported|allowed|available|enabled)|unsupported|disabled)|(?:verified to|(?:not|n't) support|unsupported).{0,20}\bstream(?:ing)?\b/i,
    forms: [(_, { stream }) => (stream ? { stream } : {}), leftOut],
  },
  {
    name: "stream_options",
    named: /\bstream_options\b|\binclude_usage\b/i,
    forms: [
      (_, { stream }) => (stream ? { stream_options: { include_usage: true } } : {}),
      leftOut,
    ],
  },
  {
    name: "reasoning_effort",
    named: /\breasoning\b|\breasoning_effort\b|\bthinking\b/i,
    forms: [
      (_, { reasoningEffort: effort }) =>
        effort === undefined ? {} : { reasoning_effort: effort },
      leftOut,
    ],
  },
  {
    name: "the limit of the answer",
    named: /\bmax_(?:completion_|new_|output_)?tokens\b/i,
    forms: [
      // OpenAI's newer models refuse max_tokens; most compatible servers know only max_tokens.
      (request, { isOpenAi }) => (isOpenAi ? maxCompletionTokens(request) : maxTokens(request)),
      (request, { isOpenAi }) => (isOpenAi ? maxTokens(request) : maxCompletionTokens(request)),
      // We bound the answer's length ourselves, too, and a server that refuses the number allows less.
      leftOut,
    ],
  },
  {
    name: "a system message",
    named: /\bsystem\W* (?:role|message|prompt)|\brole\b.{0,60}\bsystem\b|roles must alternate/i,
    forms: [
      ({ systemPrompt, history }) => ({
        messages: [{ role: "system", content: systemPrompt }, ...history],
      }),
      ({ systemPrompt, history }) => ({ messages: withPrompt(systemPrompt, history) }),
    ],
  },
];

/** For models without a system role: the prompt stands before the first question. */
function withPrompt(
  prompt: string,
  [first, ...others]: readonly HistoryMessage[],
): HistoryMessage[] {
  return [{ role: "user", content: `${prompt}\n\n${first?.content ?? ""}` }, ...others];
}

/** The index of the form in use, for each part. */
export type Forms = readonly number[];
export const BEST_FORMS: Forms = PARTS.map(() => 0);

export function requestBody(request: ModelRequest, options: BodyOptions, forms: Forms): Fields {
  return Object.assign(
    { model: options.model },
    ...PARTS.map((part, index) => part.forms[forms[index] ?? 0]?.(request, options) ?? {}),
  );
}

interface Concession {
  readonly forms: Forms;
  /** The name of the part whose form has changed. */
  readonly name: string;
}

/** Statuses with which servers refuse a part of a request. */
const STATUSES: readonly number[] = [400, 404, 422, 500, 501];
/** A 5xx can also be a passing failure that happens to name a part. It counts only with one of these words. */
const REFUSING = /unknown|unrecogni|unsupported|unexpected|invalid|extra|must|\bnot?\b|n't\b/i;

/**
 * The forms to try after a refusal, or undefined when it names no part that has another form. Each call
 * goes one step further, so that the repeated requests come to an end.
 */
export function concede(
  refusal: Refusal,
  request: ModelRequest,
  options: BodyOptions,
  forms: Forms,
): Concession | undefined {
  const { status, sentence, text } = refusal;
  if (!STATUSES.includes(status) || (status >= 500 && !REFUSING.test(sentence))) return undefined;
  const index = firstNamed(refusal.parameter) ?? firstNamed(text);
  const part = index === undefined ? undefined : PARTS[index];
  if (index === undefined || part === undefined) return undefined;
  return { forms: forms.with(index, (forms[index] ?? 0) + 1), name: part.name };

  /** The part that is named first: a text may list known parts after the unknown one. */
  function firstNamed(words: string): number | undefined {
    let firstAt = Infinity;
    let found: number | undefined;
    for (const [each, { named, forms: ways }] of PARTS.entries()) {
      const form = forms[each] ?? 0;
      const isSent = Object.keys(ways[form]?.(request, options) ?? {}).length > 0;
      if (!isSent || form + 1 === ways.length) continue;
      const at = words.search(named);
      if (at < 0 || at >= firstAt) continue;
      firstAt = at;
      found = each;
    }
    return found;
  }
}
