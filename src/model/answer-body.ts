import { loopTurnIsDue } from "../event-loop-turn.ts";
import { boundBody } from "./bounded-body.ts";
import { ChunkReader, DONE, readCompletion } from "./completion.ts";
import { type ModelDelta, ModelError } from "./model.ts";
import { SseDecoder } from "./sse-decoder.ts";

/**
 * What a model may send for one answer: a hundred thousand tokens in chunks of their own, with room for
 * those of a model that thinks aloud. Without a bound, one that never stops would never be stopped.
 */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;
/** The longest answer that is kept, half a million characters, with each of them escaped in JSON. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** How long the connection of a whole answer is kept for its end. */
const AFTER_DONE_TIMEOUT_MS = 1000;
const BROKEN_CONNECTION = "the connection to the model broke";

export async function* readWholeAnswer(response: Response): AsyncIterable<ModelDelta> {
  const { text, ...end } = readCompletion(await readText(response));
  yield { tokens: text === "" ? [] : [text], ...end };
}

export async function* readStream(
  response: Response,
  signal: AbortSignal,
): AsyncIterable<ModelDelta> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new SseDecoder();
  const chunks = new ChunkReader();
  let isDone = false;
  let hasFinished = false;
  let bytes = 0;
  try {
    while (!isDone) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      bytes += value?.byteLength ?? 0;
      if (bytes > MAX_STREAM_BYTES) throw new ModelError("model_error", "the model does not stop");
      const events = value === undefined ? decoder.end() : decoder.push(value);
      const { delta, failure } = chunks.read(events);
      if (failure !== undefined) {
        // What came before it in the same packet was said.
        if (isSign(delta)) yield delta;
        throw failure;
      }
      const isMarked = events.includes(DONE);
      isDone = done || isMarked;
      // [DONE] without a finish reason is a whole answer too; an end without either was a cut.
      hasFinished ||= delta.finishReason !== undefined;
      if (isMarked && !hasFinished) yield { ...delta, finishReason: "stop" };
      else if (isSign(delta)) yield delta;
      const turn = loopTurnIsDue();
      if (turn !== undefined) await turn;
    }
  } catch (error) {
    if (error instanceof ModelError || signal.aborted) throw error;
    throw new ModelError("model_error", BROKEN_CONNECTION, error);
  } finally {
    // Also closes the connection when whoever reads this stream has stopped reading.
    if (isDone) void readToEnd(reader);
    else await reader.cancel().catch(() => undefined);
  }
}

/**
 * The end of the body follows its [DONE]. Only a connection whose answer was read to the end carries the
 * next request; a server that does not end is let go.
 */
async function readToEnd(
  reader: Pick<ReadableStreamDefaultReader, "read" | "cancel">,
): Promise<void> {
  const timer = setTimeout(
    () => void reader.cancel().catch(() => undefined),
    AFTER_DONE_TIMEOUT_MS,
  );
  try {
    while (!(await reader.read()).done) {
      // Nothing after [DONE] is part of the answer.
    }
  } catch {
    // The answer is whole: what breaks now is nobody's loss.
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the chunk shows a model at work: an empty one does not. */
function isSign({ tokens, isThinking, finishReason, usage }: ModelDelta): boolean {
  return tokens.length > 0 || isThinking === true || (finishReason ?? usage) !== undefined;
}

export async function readText(response: Response): Promise<string> {
  try {
    return await (isShort(response) ? response : boundBody(response, MAX_TEXT_BYTES)).text();
  } catch (error) {
    throw new ModelError("model_error", BROKEN_CONNECTION, error);
  }
}

/** Says how long it is, and HTTP holds to that, unless it is packed or in chunks. Read faster so. */
function isShort({ headers }: Response): boolean {
  const bytes = headers.get("content-length");
  const isAsLong = !headers.has("transfer-encoding") && !headers.has("content-encoding");
  return bytes !== null && Number(bytes) <= MAX_TEXT_BYTES && isAsLong;
}

/** The page is let go unread: a captive portal's may have no end. */
export async function notAModel(response: Response): Promise<ModelError> {
  await response.body?.cancel().catch(() => undefined);
  return new ModelError("model_error", "OPENAI_BASE_URL answers with a web page, not with a model");
}
