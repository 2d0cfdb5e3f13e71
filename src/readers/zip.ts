import { crc32, inflateRawSync } from "node:zlib";

/** The archive cannot be read. The message is a sentence for the owner. */
export class UnreadableZipError extends Error {
  override readonly name = "UnreadableZipError";
}

/** A file in a zip archive. */
export interface ZipEntry {
  /** Its path in the archive. It is never a place on the disk. */
  readonly path: string;
  /** In bytes, unpacked, as the archive says. Nothing more is unpacked. */
  readonly size: number;
  /**
   * Unpacks it.
   * @throws UnreadableZipError when it is damaged, encrypted, or larger than `maxBytes`
   */
  unpack(maxBytes: number): Uint8Array;
}

const MAX_ENTRIES = 65_534;
const END = 0x06_05_4b_50;
const END_LENGTH = 22;
const MAX_COMMENT = 65_535;
const CENTRAL = 0x02_01_4b_50;
const CENTRAL_LENGTH = 46;
const LOCAL = 0x04_03_4b_50;
const LOCAL_LENGTH = 30;
/** Stands where a number does not fit, and zip64 has it elsewhere. */
const ELSEWHERE_32 = 0xff_ff_ff_ff;
const ELSEWHERE_16 = 0xff_ff;

const DAMAGED = "The archive is damaged.";

/**
 * The files of a zip archive, by its central directory (APPNOTE 6.3.10, 4.3). Folders are left out.
 * @throws UnreadableZipError
 */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === ELSEWHERE_16 || at === ELSEWHERE_32) {
    throw new UnreadableZipError("The archive is in the format zip64. Make a smaller one.");
  }
  const entries: ZipEntry[] = [];
  for (let index = 0; index < Math.min(count, MAX_ENTRIES); index++) {
    if (at + CENTRAL_LENGTH > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      throw new UnreadableZipError(DAMAGED);
    }
    const name = view.getUint16(at + 28, true);
    const path = new TextDecoder().decode(
      bytes.subarray(at + CENTRAL_LENGTH, at + CENTRAL_LENGTH + name),
    );
    const place = at;
    if (!path.endsWith("/")) {
      entries.push({
        path,
        size: view.getUint32(place + 24, true),
        unpack: (maxBytes) => unpack(bytes, view, place, maxBytes),
      });
    }
    at += CENTRAL_LENGTH + name + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The place of the record at the end, which a comment may follow. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_LENGTH;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw new UnreadableZipError("It is no zip archive, or it was cut off.");
}

/** Unpacks the file of which the entry in the central directory is at `at`. */
function unpack(bytes: Uint8Array, view: DataView, at: number, maxBytes: number): Uint8Array {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const checksum = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if ((flags & 1) !== 0) throw new UnreadableZipError("It is encrypted.");
  if (method !== 0 && method !== 8) {
    throw new UnreadableZipError("It is packed in a way that is not known here.");
  }
  if (size > maxBytes) {
    const most = Math.floor(maxBytes / 1_048_576);
    throw new UnreadableZipError(`It is larger than ${most} MB unpacked.`);
  }
  if (local + LOCAL_LENGTH > bytes.length || view.getUint32(local, true) !== LOCAL) {
    throw new UnreadableZipError(DAMAGED);
  }
  const from =
    local + LOCAL_LENGTH + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const content = bytes.subarray(from, from + packed);
  const unpacked = method === 0 ? content : inflate(content, size);
  if (unpacked.length !== size || crc32(unpacked) !== checksum) {
    throw new UnreadableZipError(DAMAGED);
  }
  return unpacked;
}

function inflate(content: Uint8Array, size: number): Uint8Array {
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
  } catch {
    throw new UnreadableZipError(DAMAGED);
  }
}
