import { boundedBytes } from "./bounded-bytes.ts";

/** Unpacks a gzip file. Other bytes are returned as they are. Undefined: it is broken, or larger than `maxBytes`. */
export async function unpackGzip(
  bytes: Uint8Array,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return await boundedBytes(unpacked, maxBytes);
  } catch {
    // Not a gzip file, although it begins like one.
    return undefined;
  }
}
