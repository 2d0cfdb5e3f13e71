import type { FileReading, FoundDocument, Unread } from "./file-reading.ts";
import { MAX_FOUND_DOCUMENTS } from "./file-reading.ts";
import { NO_TEXT } from "./reading.ts";
import { readZip, UnreadableZipError, type ZipEntry } from "./zip.ts";

/** Reads a file of an archive by its name. Undefined: no reader knows such files. */
export type ReadNamed = (bytes: Uint8Array, name: string) => Promise<FileReading> | undefined;

const MAX_ENTRY_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 512 * 1024 * 1024;
/** Notion adds these to the names of pages. They would change with each export of a copy. */
const NOTION_ID = /[ _-][0-9a-f]{32}(?![0-9a-f])/g;

/**
 * Reads the files in a zip archive, such as an export of Notion, each with the reader of its kind; `readNamed` knows
 * them. Pictures and the like are left out. Never throws.
 */
export async function readArchive(bytes: Uint8Array, readNamed: ReadNamed): Promise<FileReading> {
  try {
    return await readEntries(readZip(bytes), readNamed);
  } catch (error) {
    if (error instanceof UnreadableZipError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
}

async function readEntries(
  entries: readonly ZipEntry[],
  readNamed: ReadNamed,
): Promise<FileReading> {
  const documents: FoundDocument[] = [];
  const unread: Unread[] = [];
  const names = new Set<string>();
  let bytesLeft = MAX_TOTAL_BYTES;
  for (const entry of withoutCopies(entries)) {
    const name = nameOf(entry.path, names);
    if (name === undefined) continue;
    try {
      const most = Math.min(MAX_ENTRY_BYTES, bytesLeft);
      // What turns out to be damaged was unpacked, too.
      if (entry.size <= most) bytesLeft -= entry.size;
      const content = entry.unpack(most);
      const reading = await readNamed(content, name);
      if (reading === undefined) continue;
      names.add(name);
      if (reading.kind !== "read") unread.push({ name, reason: reading.reason });
      else {
        documents.push(
          ...reading.documents.map((each) => ({ ...each, name: within(name, each.name) })),
        );
        unread.push(...reading.unread.map((each) => ({ ...each, name: within(name, each.name) })));
      }
    } catch (error) {
      if (!(error instanceof UnreadableZipError)) throw error;
      unread.push({ name, reason: error.message });
    }
    if (documents.length > MAX_FOUND_DOCUMENTS) {
      throw new UnreadableZipError("There are too many documents in it. Make several archives.");
    }
  }
  if (documents.length === 0) return unread[0] === undefined ? NO_TEXT : noneOf(unread[0]);
  return { kind: "read", documents, unread };
}

function noneOf({ name, reason }: Unread): FileReading {
  return { kind: "unreadable", reason: `Nothing in it could be read. ${name}: ${reason}` };
}

/** The name of a document that was found in the file with this name. */
export function within(file: string, name: string): string {
  if (file === "" || name === "") return file || name;
  return name.startsWith("#") ? file + name : `${file}/${name}`;
}

/** Notion writes each database twice: as the owner sees it, and whole, with `_all` in its name. */
function withoutCopies(entries: readonly ZipEntry[]): readonly ZipEntry[] {
  const whole = new Set(
    entries.flatMap(({ path }) => (path.endsWith("_all.csv") ? [path.slice(0, -8)] : [])),
  );
  return entries.filter(({ path }) => !path.endsWith(".csv") || !whole.has(path.slice(0, -4)));
}

/** Undefined for what systems add to archives, and for paths that lead out of them. */
function nameOf(path: string, taken: ReadonlySet<string>): string | undefined {
  const steps = path.replaceAll("\\", "/").split("/");
  const isOdd = steps.some((step) => step.startsWith(".") || step === "__MACOSX" || step === "");
  if (isOdd || path.length > 500 || /\p{Cc}/u.test(path)) return undefined;
  const name = steps
    .join("/")
    .replaceAll(NOTION_ID, "")
    .replace(/_all(?=\.csv$)/, "");
  // Two pages of Notion may have the same title.
  return taken.has(name) ? steps.join("/") : name;
}
