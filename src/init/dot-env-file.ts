import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { decodeText, UnreadableFileError } from "../config/text-file.ts";
import { randomText } from "../runtime/random-text.ts";
import { runningAs } from "../runtime/running-as.ts";

/** Thrown when `.env` cannot be completed. The message is a sentence that says what to do. */
export class DotEnvFileError extends Error {
  override readonly name = "DotEnvFileError";
}

/** The file `.env` as it was found. */
export interface FoundDotEnv {
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Whether nobody but the owner may read it. */
  readonly isPrivate: boolean;
}

const OWNER_ONLY = 0o600;
const OF_OTHERS = 0o077;
const MAX_BYTES = 1024 * 1024;

/**
 * Looks whether `.env` of the folder can be completed, before its owner is asked anything.
 * @returns undefined if there is no such file
 * @throws DotEnvFileError
 */
export function findDotEnv(folder: string): FoundDotEnv | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw new DotEnvFileError(`.env cannot be written: ${runningAs()} may not, in this folder.`);
  }
  const path = join(folder, ".env");
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const fault = faultOf(found);
  if (fault !== undefined) throw new DotEnvFileError(`.env ${fault}`);
  const bytes = readBytes(path);
  return { bytes, text: textOf(bytes), isPrivate: (found.mode & OF_OTHERS) === 0 };
}

/** The file is replaced by a longer one, which must be the same in everything else. */
function faultOf(found: Stats): string | undefined {
  if (found.isSymbolicLink()) {
    return "is a link to another file, and init changes no file elsewhere. Run it where that file is.";
  }
  if (found.isDirectory()) return "is a folder, and init writes a file of that name.";
  if (!found.isFile()) return "is not a file, and init writes a file of that name.";
  if (found.nlink > 1) {
    return "has a second name (a hard link), which would keep the old text. Remove one of the names.";
  }
  const uid = process.geteuid?.();
  if (uid !== undefined && found.uid !== uid) {
    return `belongs to uid ${found.uid}, and init runs as ${runningAs()}. Run it as the file's owner.`;
  }
  return found.size > MAX_BYTES ? "is larger than 1 MB, so it must be something else." : undefined;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new DotEnvFileError(`.env cannot be read: ${runningAs()} may not.`);
  }
}

function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16)
    throw new DotEnvFileError(".env is UTF-16, and init writes UTF-8. Save it as UTF-8.");
  try {
    return decodeText(bytes);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new DotEnvFileError(`.env cannot be read: ${error.message}.`);
  }
}

/**
 * Writes the file with the text behind what was there, readable for its owner only. It is replaced at once, so an
 * interruption leaves the old one.
 * @throws DotEnvFileError
 */
export function completeDotEnv(
  folder: string,
  found: FoundDotEnv | undefined,
  appendix: string,
): void {
  const unfinished = join(folder, `.env.${randomText(6)}.tmp`);
  try {
    const before = found?.bytes ?? new Uint8Array();
    writePrivately(unfinished, Buffer.concat([before, Buffer.from(appendix)]));
    if (!isUnchanged(folder, found)) {
      throw new DotEnvFileError(".env was changed meanwhile. Nothing was written: run init again.");
    }
    renameSync(unfinished, join(folder, ".env"));
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (error instanceof DotEnvFileError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new DotEnvFileError(`.env cannot be written: the system answers ${code}.`);
  }
}

function writePrivately(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "wx", OWNER_ONLY);
  try {
    fchmodSync(file, OWNER_ONLY);
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isUnchanged(folder: string, found: FoundDotEnv | undefined): boolean {
  const now = findDotEnv(folder);
  if (now === undefined || found === undefined) return now === found;
  return Buffer.compare(now.bytes, found.bytes) === 0;
}
