import { cleanLine } from "../readers/clean-text.ts";
import type { FileReading } from "../readers/file-reading.ts";
import { isReadable, isTextFile, readFile } from "../readers/readers.ts";
import { readClaimed } from "./claimed-reading.ts";
import { type CuratorDeps, requireRoom } from "./curator.ts";
import { MAX_UPLOADED_DOCUMENTS } from "./entry-limits.ts";
import { givenSource } from "./given-source.ts";
import { type FilesReading, readFiles } from "./read-files.ts";

/** What has become of an uploaded file. */
export interface UploadedFile {
  readonly name: string;
  /** Why it, or a part of it, was not read, as a sentence for the owner. */
  readonly problem: string | undefined;
}

const MAX_NAME_LENGTH = 120;

/**
 * Reads a file of text that the owner has uploaded. It is a source under its name, in place of the one that had the
 * name before. A file that cannot be read changes nothing.
 * @throws AppError database_full
 */
export async function uploadFile(deps: CuratorDeps, file: File): Promise<UploadedFile> {
  const name = nameOf(file);
  if (isReadable(name) && !isTextFile(name)) return { name, problem: ON_THE_COMMAND_LINE };
  const found = await readFile(await file.bytes(), name);
  const problem = problemWith(found);
  if (problem !== undefined) return { name, problem };
  await requireRoom(deps);
  const { store, hasRoom, now } = deps;
  const { source } = await store.addSource(
    givenSource({ kind: "files", uri: name, createdAt: now() }),
  );
  const files = [{ uri: name, read: () => Promise.resolve(found) }];
  const { signal } = new AbortController();
  const reading = await readClaimed(source.id, { store, now, signal }, async (_, stop) => {
    const result = await readFiles(source.id, files, { store, hasRoom, now }, stop);
    return { result, error: undefined, nextAt: undefined };
  });
  return { name, problem: reading === undefined ? BUSY : problemIn(reading) };
}

/** Without folders, and without the colon that would make it an address. A long one keeps its ending, by which it is read. */
function nameOf({ name }: File): string {
  const line = cleanLine(name.replaceAll(/[/\\:]+/g, "-"), Infinity);
  const [ending = ""] = /\.[a-z]{1,10}$/i.exec(line) ?? [];
  return (
    cleanLine(line.slice(0, line.length - ending.length), MAX_NAME_LENGTH - ending.length) + ending
  );
}

function problemWith(found: FileReading): string | undefined {
  if (found.kind !== "read") return found.reason;
  return found.documents.length > MAX_UPLOADED_DOCUMENTS ? TOO_MANY : undefined;
}

function problemIn({ unread }: FilesReading): string | undefined {
  const [first] = unread;
  if (first === undefined) return undefined;
  const others = unread.length > 1 ? ` So it is with ${unread.length} entries.` : "";
  return `${first.reason}${others}`;
}

const ON_THE_COMMAND_LINE =
  "Such files are read on the command line, beside the running server: chatporch learn and the name of the file.";
const TOO_MANY = `It has more than ${MAX_UPLOADED_DOCUMENTS.toLocaleString("en")} entries. Have it read on the command line: chatporch learn and the name of the file.`;
const BUSY = "A file of this name is being read just now. Try it again in a moment.";
