import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";

/**
 * All bytes of a stream. Undefined when there are more than `maxBytes`: the stream is closed then, whatever is still
 * to come.
 * @throws what the stream does
 */
export async function boundedBytes(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, length);
    chunks.push(value);
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    // Unpacking brings one chunk after the other without a turn of the event loop between them.
    await turnOfItsOwn();
  }
}
