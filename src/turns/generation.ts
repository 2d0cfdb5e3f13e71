import type { Outcome, TokenUsage } from "../conversation/records.ts";
import { emptyAnswer, hasWords } from "../model/endings.ts";
import {
  type ChatModel,
  type ModelDelta,
  ModelError,
  type ModelFinishReason,
  type ModelRequest,
} from "../model/model.ts";
import type { LiveTurn } from "./live-turn.ts";
import { Patience } from "./patience.ts";
import type { GenerationMode } from "./question.ts";

interface GenerationDeps {
  readonly model: ChatModel;
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Generated {
  readonly outcome: Outcome;
  /** What went wrong, for the log. */
  readonly error: unknown;
}

/** The longest answer. Useful answers are at most a tenth of it. */
const MAX_ANSWER_CHARACTERS = 512 * 1024;
/** Most languages have four on average, and no answer reaches this. A server that does ignores max_tokens. */
const MAX_CHARACTERS_PER_TOKEN = 16;

/**
 * Asks the model and appends its tokens to the turn, until the model has finished, failed or gone
 * silent, or the turn is aborted. Never throws: failures are part of the returned outcome.
 */
export async function generateAnswer(
  turn: LiveTurn,
  request: ModelRequest,
  mode: GenerationMode,
  deps: GenerationDeps,
): Promise<Generated> {
  const startedAt = performance.now();
  const patience = new Patience({ ...deps, onEnd: () => turn.abort("timeout") });
  const maxTextLength = Math.min(
    MAX_ANSWER_CHARACTERS,
    request.maxOutputTokens * MAX_CHARACTERS_PER_TOKEN,
  );
  let textLength = 0;
  let firstTokenMs: number | undefined;
  let finishReason: ModelFinishReason | undefined;
  let usage: TokenUsage | undefined;
  let error: unknown;

  function take(delta: ModelDelta): void {
    const { tokens } = delta;
    finishReason = delta.finishReason ?? finishReason;
    usage = delta.usage ?? usage;
    if (delta.takesBack) {
      turn.restart();
      textLength = 0;
    }
    if (tokens.length === 0) {
      patience.sign();
      if (delta.takesBack) turn.publish();
      return;
    }
    patience.word();
    firstTokenMs ??= Math.round(performance.now() - startedAt);
    for (const token of tokens) {
      const room = maxTextLength - textLength;
      textLength += token.length;
      if (room >= token.length) turn.append(token);
      else if (room > 0) turn.append(token.slice(0, room).toWellFormed());
    }
    turn.publish();
    if (textLength > maxTextLength) turn.abort("too_long");
  }

  try {
    if (mode === "json") {
      const { text: whole, ...end } = await deps.model.complete(request, turn.signal);
      take({ tokens: whole === "" ? [] : [whole], ...end });
    } else {
      for await (const delta of await deps.model.stream(request, turn.signal)) {
        // An answer that had ended before it was aborted is complete.
        if (turn.signal.aborted && delta.finishReason === undefined) break;
        take(delta);
      }
    }
  } catch (thrown) {
    error = thrown;
  } finally {
    patience.stop();
  }

  const text = turn.text();
  const conclusion = conclude(turn, text, finishReason, error);
  const outcome: Outcome = {
    content: hasWords(text) ? storedText(text) : "",
    status: conclusion.status,
    usage,
    finishReason: conclusion.finishReason,
    errorCode: conclusion.errorCode,
    firstTokenMs,
    durationMs: Math.round(performance.now() - startedAt),
    at: deps.now(),
  };
  return { outcome, error: conclusion.error };
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
