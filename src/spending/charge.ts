import type { TokenUsage } from "../conversation/records.ts";
import { tokensOfBytes } from "../conversation/token-estimate.ts";
import { sizeOf, type TextSize } from "../model/generated-text.ts";
import type { ModelRequest } from "../model/model.ts";

/*
 * What a call of the model is counted as. A model's server reports what it has counted, but some report nothing, report
 * it only for answers that they could send whole, or report nonsense. So what is reported counts only if the texts could
 * have so many tokens. Otherwise the texts decide, rather by too much than by too little.
 */

/** A token stands for a byte at least, and for so many characters at most. */
const CHARACTERS_PER_TOKEN = 16;
/** What a model's server may add to each message, and to the prompt as a whole. */
const TOKENS_AROUND_MESSAGE = 16;
const TOKENS_AROUND_PROMPT = 256;
/** No model thinks for longer. Some servers limit what is written only, and not the thoughts before it, which cost as much. */
export const MOST_THOUGHTS = 200_000;
/** As token-estimate.ts. */
const BYTES_PER_TOKEN = 3;

export interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const NO_TOKENS: Tokens = { inputTokens: 0, outputTokens: 0 };

/** A call of the model that is over. */
export interface ModelCall {
  readonly prompt: PromptSize;
  readonly outputLimit: number;
  /** All that was received, thoughts included. */
  readonly generated: TextSize & {
    /** In how many pieces it came. 0: nothing came. */
    readonly pieces: number;
    /** How many requests may have been answered, the last one included. Missing: the last one only. */
    readonly requests?: number;
  };
  readonly usage: TokenUsage | undefined;
  /** Whether the model may have thought without sending it (unseen-thoughts.ts). */
  readonly mayHaveThoughtUnseen?: boolean;
  /**
   * `whole`: the model had finished. `cut`: it was stopped, fell silent, or its connection broke. `refused`: its server
   * did not take the question.
   */
  readonly end: "whole" | "cut" | "refused";
}

interface PromptSize extends TextSize {
  readonly messages: number;
  /** About so many tokens. */
  readonly estimate: number;
  /** The same, if each byte that visitors wrote is a token. */
  readonly most: number;
}

/** The size of all that is sent with a question. */
export function promptSize({
  systemPrompt,
  history,
  bareQuestion,
}: Pick<ModelRequest, "systemPrompt" | "history" | "bareQuestion">): PromptSize {
  const size = { characters: 0, bytes: 0, messages: 0, estimate: 0, most: 0 };
  const prompt = { role: "system", content: systemPrompt };
  for (const [index, { role, content }] of [prompt, ...history].entries()) {
    const { characters, bytes } = sizeOf(content);
    const isQuestion = index === history.length;
    const ofVisitor = role === "user" ? sizeOf((isQuestion && bareQuestion) || content).bytes : 0;
    const estimate = tokensOfBytes(bytes);
    size.characters += characters;
    size.bytes += bytes;
    size.messages += 1;
    size.estimate += estimate;
    size.most += Math.max(estimate, tokensOfBytes(bytes - ofVisitor) + ofVisitor);
  }
  return size;
}

/** The tokens that a call is counted as. */
export function tokensOf(call: ModelCall): Tokens {
  const { prompt, outputLimit, generated, end } = call;
  const isFree = end === "refused" && generated.pieces === 0;
  const last = isFree ? NO_TOKENS : { inputTokens: inputOf(call), outputTokens: outputOf(call) };
  // Nobody knows how much was generated for the requests before it.
  const own = isFree ? 0 : 1;
  const lost = Math.max(0, (generated.requests ?? own) - own);
  return {
    inputTokens: last.inputTokens + lost * prompt.estimate,
    outputTokens: last.outputTokens + lost * outputLimit,
  };
}

function inputOf({ prompt, usage, end }: ModelCall): number {
  const { characters, bytes, messages, estimate, most } = prompt;
  const around = TOKENS_AROUND_PROMPT + messages * TOKENS_AROUND_MESSAGE;
  const bounds = { fewest: fewestIn(characters), most: bytes + around };
  const reported = plausible(usage?.promptTokens, bounds);
  // Whoever stops an answer keeps its report from coming, and may have written what has a token for each byte: digits, or
  // a script that the model does not know.
  return reported ?? (end === "cut" ? most : estimate);
}

function outputOf(call: ModelCall): number {
  const { generated, outputLimit, usage, end, mayHaveThoughtUnseen = false } = call;
  const { characters, bytes, pieces } = generated;
  const most = Math.max(bytes, outputLimit);
  const sent = reportedOutput(usage);
  const mayBeThoughts = sent !== undefined && sent > most && sent <= MOST_THOUGHTS;
  const reported = plausible(sent, {
    fewest: fewestIn(characters),
    most: mayBeThoughts ? sent : most,
  });
  // What an answer that was cut has reported, it may have reported on its way.
  if (reported !== undefined && end === "whole") return reported;
  // It may have thought in silence, for as long as it was allowed to.
  const isUnseen = pieces === 0 || mayHaveThoughtUnseen;
  const estimate = isUnseen ? outputLimit : Math.max(Math.ceil(bytes / BYTES_PER_TOKEN), pieces);
  return Math.max(reported ?? 0, Math.min(estimate, most));
}

/** What a server has counted of what it generated. Some count thoughts in the total only. */
export function reportedOutput(usage: TokenUsage | undefined): number | undefined {
  if (usage === undefined) return undefined;
  const rest = usage.totalTokens - usage.promptTokens;
  return rest > usage.completionTokens ? rest : usage.completionTokens;
}

/** The tokens of texts that were only read. Undefined: none were reported that they can have. */
export function tokensRead(texts: readonly string[], reported: unknown): number | undefined {
  const sizes = texts.map(sizeOf);
  const characters = sizes.reduce((sum, size) => sum + size.characters, 0);
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
  const most = bytes + texts.length * TOKENS_AROUND_MESSAGE;
  return plausible(reported, { fewest: fewestIn(characters), most });
}

function fewestIn(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** Undefined: nothing was reported, or less than there can be. */
function plausible(
  reported: unknown,
  { fewest, most }: { readonly fewest: number; readonly most: number },
): number | undefined {
  const isCount = typeof reported === "number" && Number.isSafeInteger(reported);
  return isCount && reported >= fewest ? Math.min(reported, most) : undefined;
}
