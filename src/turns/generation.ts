import type { HistoryMessage, Outcome, TokenUsage } from "../conversation/records.ts";
import { emptyAnswer, hasWords } from "../model/endings.ts";
import { GeneratedText } from "../model/generated-text.ts";
import {
  type ChatModel,
  ModelError,
  type ModelFinishReason,
  type ModelRequest,
} from "../model/model.ts";
import { historyForModel, type RedactionInForce } from "../redaction/redaction.ts";
import { type ModelCall, promptSize } from "../spending/charge.ts";
import { chained } from "./chained-filters.ts";
import type { GroundedQuestion } from "./grounder.ts";
import { Intake } from "./intake.ts";
import type { LiveTurn } from "./live-turn.ts";
import { Patience } from "./patience.ts";
import type { GenerationMode } from "./question.ts";

interface GenerationDeps {
  readonly model: ChatModel;
  /** Finds what the question is given of the owner's pages. Missing: nothing. Never throws. */
  readonly ground?:
    ((history: readonly HistoryMessage[]) => Promise<GroundedQuestion | undefined>) | undefined;
  /** What the model does not get, and what is taken out of its answer. Missing: nothing. */
  readonly redaction?: RedactionInForce | undefined;
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Generated {
  readonly outcome: Outcome;
  /** What the model was asked. Undefined: it was not asked. */
  readonly call: ModelCall | undefined;
  /** What went wrong, for the log. */
  readonly error: unknown;
}

/** The longest answer. Useful answers are at most a tenth of it. */
export const MAX_ANSWER_CHARACTERS = 512 * 1024;
/** Most languages have four on average, and no answer reaches this. A server that does ignores max_tokens. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/**
 * Asks the model and appends its tokens to the turn, until the model has finished, failed or gone
 * silent, or the turn is aborted. Never throws: failures are part of the returned outcome.
 */
export async function generateAnswer(
  turn: LiveTurn,
  wanted: ModelRequest,
  mode: GenerationMode,
  deps: GenerationDeps,
): Promise<Generated> {
  const startedAt = performance.now();
  const patience = new Patience({ ...deps, onEnd: () => turn.abort("timeout") });
  const redaction = await deps.redaction?.();
  const request = { ...wanted, history: historyForModel(wanted.history, redaction) };
  const grounded = await deps.ground?.(request.history);
  if (grounded && grounded.sources.length > 0) turn.give(grounded.sources);
  const filter = chained(
    grounded?.filter,
    redaction?.createFilter([request.systemPrompt, ...(grounded?.passages ?? [])]),
  );
  const maxTextLength = Math.min(
    MAX_ANSWER_CHARACTERS,
    request.maxOutputTokens * MAX_CHARACTERS_PER_TOKEN,
  );
  const intake = new Intake(turn, { patience, maxTextLength, filter, startedAt });
  const generated = new GeneratedText();
  const asked = { ...withSources(request, grounded), generated };
  const isAsked = !turn.signal.aborted;
  let error: unknown;
  try {
    if (isAsked) await ask(asked, mode, { model: deps.model, turn, intake });
  } catch (thrown) {
    error = thrown;
  } finally {
    patience.stop();
  }
  intake.end();

  const text = turn.text();
  const conclusion = conclude(turn, text, intake.finishReason, error);
  const outcome: Outcome = {
    content: hasWords(text) ? storedText(text) : "",
    status: conclusion.status,
    usage: intake.usage,
    finishReason: conclusion.finishReason,
    errorCode: conclusion.errorCode,
    firstTokenMs: intake.firstTokenMs,
    durationMs: Math.round(performance.now() - startedAt),
    ...grounded?.filter.result(),
    at: deps.now(),
  };
  const { finishReason, usage } = intake;
  const isAborted = turn.signal.aborted;
  const call = isAsked ? callOf(asked, { text, finishReason, usage, isAborted, error }) : undefined;
  return { outcome, call, error: conclusion.error };
}

interface Ended {
  /** What visitors see. */
  readonly text: string;
  readonly finishReason: ModelFinishReason | undefined;
  readonly usage: TokenUsage | undefined;
  readonly isAborted: boolean;
  readonly error: unknown;
}

function callOf(
  asked: ModelRequest & { readonly generated: GeneratedText },
  { text, finishReason, usage, isAborted, error }: Ended,
): ModelCall {
  const { generated, maxOutputTokens } = asked;
  // A model that is not paid for counts nothing.
  if (generated.pieces === 0 && text !== "") generated.add(text);
  const isFree = error instanceof ModelError && error.isFree;
  // Whoever stops an answer right behind its last word keeps its report from coming.
  const isCut = finishReason === undefined || (isAborted && usage === undefined);
  const end = isCut ? "cut" : "whole";
  return {
    prompt: promptSize(asked),
    outputLimit: maxOutputTokens,
    generated,
    usage,
    end: isFree ? "refused" : end,
  };
}

function withSources(request: ModelRequest, grounded: GroundedQuestion | undefined): ModelRequest {
  if (grounded === undefined) return request;
  return { ...request, history: grounded.history, bareQuestion: request.history.at(-1)?.content };
}

interface Asking {
  readonly model: ChatModel;
  readonly turn: LiveTurn;
  readonly intake: Intake;
}

/** @throws what the model throws */
async function ask(
  request: ModelRequest,
  mode: GenerationMode,
  { model, turn, intake }: Asking,
): Promise<void> {
  if (mode === "json") {
    const { text, ...end } = await model.complete(request, turn.signal);
    intake.take({ tokens: text === "" ? [] : [text], ...end });
    return;
  }
  for await (const delta of await model.stream(request, turn.signal)) {
    // An answer that had ended before it was aborted is complete.
    if (turn.signal.aborted && delta.finishReason === undefined) break;
    intake.take(delta);
  }
}

/** The text of an answer as it is stored: trimmed, without halves of characters and without NUL characters. */
export function storedText(text: string): string {
  return text.trim().toWellFormed().replaceAll("\0", "\u{fffd}");
}

interface Conclusion extends Pick<Outcome, "status" | "finishReason" | "errorCode"> {
  /** What went wrong, for the log. */
  readonly error?: unknown;
}

function conclude(
  turn: LiveTurn,
  text: string,
  finishReason: ModelFinishReason | undefined,
  error: unknown,
): Conclusion {
  // When the model had finished before the abort, the answer is complete, unless we cut it.
  const isAborted = turn.abortReason === "too_long" || (turn.signal.aborted && !hasWords(text));
  if (finishReason !== undefined && !isAborted) return whole(text, finishReason);
  switch (turn.abortReason) {
    case "stopped":
    case "abandoned":
      return { status: "stopped", finishReason: "stopped" };
    case "too_long":
      return whole(text, "length");
    case "draining":
      return { status: "interrupted", errorCode: "draining" };
    case "fenced":
      return { status: "interrupted", errorCode: "interrupted" };
    case "off":
      return { status: "interrupted", errorCode: "model_off" };
    case "timeout":
      return failed(text, new ModelError("model_timeout", "the model was silent for too long"));
    case undefined:
      return failed(text, error ?? new ModelError("model_error", "the model's answer was cut off"));
  }
}

/** The model has finished. An answer without a word counts as failed. */
function whole(text: string, finishReason: ModelFinishReason): Conclusion {
  if (!hasWords(text)) return failed(text, emptyAnswer(finishReason));
  return { status: "complete", finishReason };
}

/** Text that the model has already sent is kept. An answer without a word has failed (contract section 2). */
function failed(text: string, error: unknown): Conclusion {
  const status = hasWords(text) ? "interrupted" : "failed";
  const errorCode = error instanceof ModelError ? error.code : "internal_error";
  return { status, errorCode, error };
}
