import { Stream } from "@elysiajs/stream";

/**
 * The body of a slow stream for the owner. (Streams for visitors are written straight to their sockets.)
 *
 * The frames must be encoded, because the stream library would add an id to text. Their source must not throw,
 * which would leave the answer open. It must be bounded, because a reader that reads nothing does not slow it
 * down. It must end at the request's signal, because otherwise it would notice only at its next frame that the
 * reader has left.
 */
export function frameStream(frames: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return new Stream<Uint8Array>(frames).value;
}
