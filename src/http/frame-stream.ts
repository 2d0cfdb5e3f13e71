import { Stream } from "@elysiajs/stream";

/**
 * The body of a slow stream, for the owner; visitors' streams are written straight to their sockets.
 *
 * The frames come encoded, because text would be given an id of its own, and their source must not throw,
 * which would leave the answer open. Nothing holds the source back where a reader takes nothing, so it has
 * to be bounded. It ends by the request's signal: otherwise it would learn that the reader has gone at its
 * next frame.
 */
export function frameStream(frames: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return new Stream<Uint8Array>(frames).value;
}
