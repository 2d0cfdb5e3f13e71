import { loopTurnIsDue } from "../runtime/event-loop-turn.ts";
import type { AnswerEnd } from "./answer-end.ts";
import { BodyDecoder } from "./body-decoder.ts";
import { boundBody } from "./bounded-body.ts";
import { cancelBody } from "./cancel-body.ts";
import { ChunkReader } from "./completion.ts";
import type { GeneratedText } from "./generated-text.ts";
import { type ModelAnswer, type ModelDelta, ModelError } from "./model.ts";
import type { ThinkingHabit } from "./thinking-habit.ts";

/**
 * The most that a model may send for one answer: a hundred thousand tokens, each in its own chunk, and room
 * for thoughts. Without a bound, a model that never stops would never be stopped.
 */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;
/** Enough for the longest answer that is kept: half a million characters, each of them escaped in JSON. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** After a likely end, a silence of this length ends the answer. */
const LIKELY_END_TIMEOUT_MS = 3000;
/** How long a connection may take to end after its answer is complete. */
const AFTER_DONE_TIMEOUT_MS = 1000;
const BROKEN_CONNECTION = "the connection to the model broke";

/** Reads an answer that was requested without a stream. */
export async function readAnswer(
  response: Response,
  habit: ThinkingHabit,
  generated?: GeneratedText,
): Promise<ModelAnswer> {
  const chunks = new ChunkReader(habit, generated);
  const bytes = await readBytes(response);
  const { delta, failure } = chunks.read(decode(bytes));
  if (failure !== undefined) throw failure;
  const finishReason = chunks.end.conclude();
  if (finishReason === undefined) {
    throw new ModelError("model_error", "the model sent no message, or only a part of one");
  }
  const text = [...delta.tokens, ...chunks.rest(finishReason)].join("");
  return { text, finishReason, ...(delta.usage === undefined ? {} : { usage: delta.usage }) };
}

function decode(bytes: Uint8Array): string[] {
  const decoder = new BodyDecoder();
  try {
    return [...decoder.push(bytes), ...decoder.end()];
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError("model_error", TOO_LONG, error);
  }
}

const TOO_LONG = "the model sent more than an answer may have";

/**
 * Reads an answer as it arrives. The last delta has the finish reason; a stream without one was cut.
 * @throws ModelError when the server reports an error, gives up the answer, or sends something else
 */
export async function* readStream(
  response: Response,
  habit: ThinkingHabit,
  signal: AbortSignal,
  generated?: GeneratedText,
): AsyncIterable<ModelDelta> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new BodyDecoder();
  const chunks = new ChunkReader(habit, generated);
  const { end } = chunks;
  const likelyEnd = new LikelyEnd(end, () => void cancelBody(reader));
  let isOver = false;
  let last: ModelDelta = { tokens: [] };
  let bytes = 0;
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      if (signal.aborted) break;
      bytes += value?.byteLength ?? 0;
      if (bytes > MAX_STREAM_BYTES)
        throw new ModelError("model_error", "the model's answer does not end");
      const { delta, failure } = chunks.read(done ? decoder.end() : decoder.push(value));
      isOver = failure === undefined && (done || end.isMarked);
      // Text that came before a failure in the same packet still counts.
      if (isOver) last = delta;
      else if (isSign(delta)) yield delta;
      if (failure !== undefined) throw failure;
      likelyEnd.look();
      const turn = loopTurnIsDue();
      if (turn !== undefined) await turn;
    }
  } catch (error) {
    // A connection that breaks after a clear end does not harm the answer.
    const isHarmless = end.isLikely && !(error instanceof ModelError);
    if (!signal.aborted && !isHarmless) {
      if (error instanceof ModelError) throw error;
      throw new ModelError(
        "model_error",
        error instanceof RangeError ? TOO_LONG : BROKEN_CONNECTION,
        error,
      );
    }
  } finally {
    likelyEnd.forget();
    // Also closes the connection when the consumer of this stream has stopped reading.
    if (isOver) void readToEnd(reader);
    else await cancelBody(reader);
  }
  // An answer that had ended before it was aborted is complete.
  if (!isOver && !end.isLikely) return;
  const finishReason = end.canConclude ? end.conclude() : undefined;
  if (finishReason !== undefined) {
    const tokens = [...last.tokens, ...chunks.rest(finishReason)];
    yield { ...last, tokens, finishReason };
    return;
  }
  if (isSign(last)) yield last;
  end.conclude();
}

/** Ends the wait for a server that has finished but keeps the connection open. */
class LikelyEnd {
  readonly #end: AnswerEnd;
  readonly #onEnd: () => void;
  #timer: Timer | undefined;

  constructor(end: AnswerEnd, onEnd: () => void) {
    this.#end = end;
    this.#onEnd = onEnd;
  }

  /** Call it after every read. Further data without text does not start the wait again. */
  look(): void {
    if (!this.#end.isLikely) this.forget();
    else this.#timer ??= setTimeout(this.#onEnd, LIKELY_END_TIMEOUT_MS);
  }

  forget(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Reads what follows [DONE] up to the end of the body, because only a connection that was read to its end
 * can carry the next request. A server that does not end the body in time is disconnected.
 */
async function readToEnd(
  reader: Pick<ReadableStreamDefaultReader, "read" | "cancel">,
): Promise<void> {
  const timer = setTimeout(() => void cancelBody(reader), AFTER_DONE_TIMEOUT_MS);
  try {
    while (!(await reader.read()).done) {
      // Nothing after [DONE] is part of the answer.
    }
  } catch {
    // The answer is complete: nothing is lost when the connection breaks now.
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the delta shows that the model is at work. An empty one does not. */
function isSign({ tokens, isThinking, takesBack, usage }: ModelDelta): boolean {
  return tokens.length > 0 || isThinking === true || takesBack === true || usage !== undefined;
}

async function readBytes(response: Response): Promise<Uint8Array> {
  try {
    const body = isShort(response) ? response : boundBody(response, MAX_TEXT_BYTES);
    return await body.bytes();
  } catch (error) {
    throw new ModelError("model_error", BROKEN_CONNECTION, error);
  }
}

/** Whether the response declares a short length that HTTP enforces. Such a body is read faster, without a bound. */
function isShort({ headers }: Response): boolean {
  const bytes = headers.get("content-length");
  const isAsLong = !headers.has("transfer-encoding") && !headers.has("content-encoding");
  return bytes !== null && Number(bytes) <= MAX_TEXT_BYTES && isAsLong;
}
