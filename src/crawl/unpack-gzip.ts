/** Unpacks a gzip file. Other bytes are returned as they are. Undefined: it is broken, or larger than `maxBytes`. */
export async function unpackGzip(
  bytes: Uint8Array,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"))
    .getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks, length);
      chunks.push(value);
      length += value.byteLength;
      if (length > maxBytes) break;
    }
    await reader.cancel();
  } catch {
    // Not a gzip file, although it begins like one.
  }
  return undefined;
}
