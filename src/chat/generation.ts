import { IdleTimer } from "../idle-timer.ts";
import {
  type ChatModel,
  type ModelDelta,
  ModelError,
  type ModelErrorCode,
  type ModelFinishReason,
  type ModelRequest,
} from "../model/model.ts";
import type { FinalStatus } from "../store/store.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import type { GenerationMode } from "../turns/question.ts";
import type { FinishReason, TokenUsage } from "./events.ts";

export interface GenerationDeps {
  readonly model: ChatModel;
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** How an answer ended, before it is stored. */
export interface GeneratedAnswer {
  readonly content: string;
  readonly status: FinalStatus;
  readonly finishReason: FinishReason | undefined;
  readonly errorCode: ModelErrorCode | "draining" | "internal_error" | undefined;
  /** What went wrong, for the log. */
  readonly error: unknown;
  readonly usage: TokenUsage | undefined;
  readonly firstTokenMs: number | undefined;
  readonly durationMs: number;
}

/** A server that has finished but sends no [DONE] is not waited for; usage comes well within this. */
const AFTER_FINISH_TIMEOUT_MS = 1000;
/** A server that ignores max_tokens is stopped here; the longest useful answers are a tenth of it. */
const MAX_ANSWER_CHARACTERS = 512 * 1024;

/**
 * Asks the model and appends its tokens to the turn, until the model has finished, failed or gone
 * silent, or the turn is aborted. Never throws: how it ended is what it returns.
 */
export async function generateAnswer(
  turn: LiveTurn,
  request: ModelRequest,
  mode: GenerationMode,
  deps: GenerationDeps,
): Promise<GeneratedAnswer> {
  const startedAt = performance.now();
  const silence = new IdleTimer(deps.firstTokenTimeoutMs, () => turn.abort("timeout"));
  let textLength = 0;
  let firstTokenMs: number | undefined;
  let finishReason: ModelFinishReason | undefined;
  let usage: TokenUsage | undefined;
  let error: unknown;

  function take(delta: ModelDelta): void {
    const { tokens } = delta;
    const hadFinished = finishReason !== undefined;
    finishReason = delta.finishReason ?? finishReason;
    usage = delta.usage ?? usage;
    // What follows the end without a word is no reason to wait on: it could follow for ever.
    if (hadFinished && tokens.length === 0) return;
    if (finishReason !== undefined) silence.restart(AFTER_FINISH_TIMEOUT_MS);
    else if (firstTokenMs !== undefined || tokens.length === 0) silence.touch();
    else silence.restart(deps.idleTimeoutMs);
    if (tokens.length === 0) return;
    firstTokenMs ??= Math.round(performance.now() - startedAt);
    for (const token of tokens) {
      const room = MAX_ANSWER_CHARACTERS - textLength;
      textLength += token.length;
      if (room >= token.length) turn.append(token);
      else if (room > 0) turn.append(token.slice(0, room).toWellFormed());
    }
    turn.publish();
    if (textLength > MAX_ANSWER_CHARACTERS) turn.abort("too_long");
  }

  try {
    if (mode === "json") {
      const { text: whole, ...end } = await deps.model.complete(request, turn.signal);
      take({ tokens: whole === "" ? [] : [whole], ...end });
    } else {
      for await (const delta of await deps.model.stream(request, turn.signal)) {
        if (turn.signal.aborted) break;
        take(delta);
      }
    }
  } catch (thrown) {
    error = thrown;
  } finally {
    silence.stop();
  }

  const text = turn.text();
  return {
    ...conclude(turn, text, finishReason, error),
    content: storedText(text),
    usage,
    firstTokenMs,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** Tokens as text that is stored: trimmed, no halves of characters, no NUL, which ends strings elsewhere. */
export function storedText(text: string): string {
  return text.trim().toWellFormed().replaceAll("\0", "\u{fffd}");
}

type Conclusion = Pick<GeneratedAnswer, "status" | "finishReason" | "errorCode" | "error">;

function conclude(
  turn: LiveTurn,
  text: string,
  finishReason: ModelFinishReason | undefined,
  error: unknown,
): Conclusion {
  // A model that had finished before it was aborted has given its whole answer, unless that was cut.
  if (finishReason !== undefined && turn.abortReason !== "too_long") {
    return { status: "complete", finishReason, errorCode: undefined, error: undefined };
  }
  switch (turn.abortReason) {
    case "stopped":
    case "abandoned":
      return { status: "stopped", finishReason: "stopped", errorCode: undefined, error: undefined };
    case "too_long":
      return { status: "complete", finishReason: "length", errorCode: undefined, error: undefined };
    case "draining":
      return {
        status: "interrupted",
        finishReason: undefined,
        errorCode: "draining",
        error: undefined,
      };
    case "timeout":
      return failed(text, new ModelError("model_timeout", "the model was silent for too long"));
    case undefined:
      return failed(text, error ?? new ModelError("model_error", "the model's answer was cut off"));
  }
}

/** What the model had said is kept; an answer without a word has failed (spec section 2). */
function failed(text: string, error: unknown): Conclusion {
  const status = text.trim() === "" ? "failed" : "interrupted";
  const errorCode = error instanceof ModelError ? error.code : "internal_error";
  return { status, finishReason: undefined, errorCode, error };
}
