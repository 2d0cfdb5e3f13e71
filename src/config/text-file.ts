import { readFileSync, statSync } from "node:fs";

import { runningAs } from "../runtime/running-as.ts";

/** Settings and secrets are short, so a larger file must be the wrong one. */
const MAX_BYTES = 1024 * 1024;

/** Thrown when a file cannot be used. The message is part of a sentence and never contains the path. */
export class UnreadableFileError extends Error {
  readonly isMissing: boolean;

  constructor(reason: string, isMissing = false) {
    super(reason);
    this.name = "UnreadableFileError";
    this.isMissing = isMissing;
  }
}

/**
 * Reads an owner's text file in UTF-8, or in UTF-16 with a byte order mark, as PowerShell's `>` writes it.
 * @throws UnreadableFileError
 */
export function readTextFile(path: string): string {
  return decodeText(readBytes(path));
}

function readBytes(path: string): Uint8Array {
  try {
    const found = statSync(path);
    // Named pipes are allowed: secret managers and shells (`<(…)`) use them.
    if (found.isDirectory()) throw new UnreadableFileError("it is a folder");
    if (!found.isFile() && !found.isFIFO()) throw new UnreadableFileError("it is not a file");
    if (found.size > MAX_BYTES) throw new UnreadableFileError("it is larger than 1 MB");
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UnreadableFileError) throw error;
    throw toUnreadable(error);
  }
}

function toUnreadable(error: unknown): UnreadableFileError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new UnreadableFileError("there is no such file", true);
  }
  if (code === "EACCES" || code === "EPERM") {
    return new UnreadableFileError(`${runningAs()} may not read it`);
  }
  return new UnreadableFileError(`the system answers ${code || String(error)}`);
}

/** @throws UnreadableFileError for bytes that are not text */
export function decodeText(bytes: Uint8Array): string {
  const text = decode(bytes);
  if (text.includes("\0")) {
    throw new UnreadableFileError("it holds NUL bytes: save it as UTF-8");
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  try {
    // The decoder removes the byte order mark.
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    // The position of the byte would not help an owner, who has to save the file again.
    throw new UnreadableFileError("it is neither UTF-8 nor UTF-16 text: save it as UTF-8");
  }
}

function encodingOf([first, second]: Uint8Array): Bun.Encoding {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}
