import { Stream } from "@elysiajs/stream";

import { createIdleTimer, type IdleTimer } from "../../idle-timer.ts";
import type { TurnReader } from "../turn.ts";
import type { StreamEncoder } from "./encoder.ts";

/**
 * The response that carries a turn to one reader. Frames come as bytes from an iterator that never
 * throws: that is what `Stream` sends exactly and closes reliably.
 */
export function streamResponse(
  reader: TurnReader,
  encoder: StreamEncoder,
  heartbeatIntervalMs: number,
  /** Called when the stream is over, however it ended. */
  onEnd: () => void,
): Response {
  const frames = new FrameIterator(reader, encoder, heartbeatIntervalMs, onEnd);
  return new Response(new Stream(frames).value, { headers: streamHeaders(encoder) });
}

/** The same without a body, for HEAD. */
export function emptyResponse(encoder: StreamEncoder): Response {
  return new Response(null, { headers: streamHeaders(encoder) });
}

function streamHeaders(encoder: StreamEncoder) {
  return {
    "content-type": encoder.contentType,
    // no-transform: a proxy that compresses would hold tokens back.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
  };
}

/** Events as encoded frames, with heartbeats while there are none. */
class FrameIterator implements AsyncIterableIterator<Uint8Array> {
  readonly #reader: TurnReader;
  readonly #encoder: StreamEncoder;
  readonly #silence: IdleTimer;
  readonly #onEnd: () => void;

  constructor(
    reader: TurnReader,
    encoder: StreamEncoder,
    heartbeatIntervalMs: number,
    onEnd: () => void,
  ) {
    this.#reader = reader;
    this.#encoder = encoder;
    this.#onEnd = onEnd;
    this.#silence = createIdleTimer(heartbeatIntervalMs, () => reader.nudge());
    // Headers travel with the first bytes: a reader who resumes a silent turn gets a heartbeat at once.
    reader.nudge();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { done, value } = await this.#reader.next();
    if (done) return this.return();
    if (value.events.length === 0) return { done: false, value: this.#encoder.heartbeat };
    this.#silence.touch();
    return { done: false, value: this.#encoder.encode(value) };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#silence.stop();
    this.#reader.close();
    this.#onEnd();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
