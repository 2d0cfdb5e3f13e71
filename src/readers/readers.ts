import { inTurns } from "../runtime/event-loop-turn.ts";
import { decodeBytes, isBinary } from "./decode-bytes.ts";
import { asFile, type FileReading } from "./file-reading.ts";

/** A kind of files that can be read. */
interface Format {
  /** Endings of names, without the dot. */
  readonly endings: readonly string[];
  /** Takes memory and time that a server has not to spare, whatever the size of the file. */
  readonly isHeavy?: true;
  readonly read: (bytes: Uint8Array, inArchives: number) => Promise<FileReading>;
}

const NOT_TEXT: FileReading = { kind: "unreadable", reason: "It is not text." };
/** An export may be an archive of archives. Deeper ones are bombs. */
const MAX_ARCHIVES = 2;

/** A format of text. `read` gets the text, and is imported when it is used. */
function text(
  read: () => Promise<(text: string) => FileReading | Promise<FileReading>>,
): Format["read"] {
  return async (bytes) => {
    const decoded = decodeBytes(bytes);
    return isBinary(decoded) ? NOT_TEXT : (await read())(decoded);
  };
}

/** Every kind of file that can be read. A new one is a new entry. */
const FORMATS: readonly Format[] = [
  {
    endings: ["md", "mdx", "markdown"],
    read: text(async () => {
      const { readMarkdownInSteps } = await import("./read-markdown.ts");
      return async (markdown) => asFile(await inTurns(readMarkdownInSteps(markdown)));
    }),
  },
  {
    endings: ["html", "htm", "xhtml"],
    read: text(async () => {
      const { readHtmlInSteps } = await import("./read-html.ts");
      return async (html) => asFile((await inTurns(readHtmlInSteps(html, ""))).reading);
    }),
  },
  {
    endings: ["txt", "text"],
    read: text(async () => {
      const { readText } = await import("./read-text.ts");
      return (plain) => asFile(readText(plain));
    }),
  },
  {
    endings: ["csv", "tsv"],
    read: text(async () => (await import("./read-csv.ts")).readCsv),
  },
  {
    endings: ["jsonl", "ndjson", "json"],
    read: text(async () => (await import("./read-jsonl.ts")).readJsonl),
  },
  {
    endings: ["xml", "wxr"],
    read: text(async () => (await import("./read-wxr.ts")).readWxr),
  },
  {
    endings: ["docx"],
    isHeavy: true,
    read: async (bytes) => (await import("./read-docx.ts")).readDocx(bytes),
  },
  {
    endings: ["pdf"],
    isHeavy: true,
    read: async (bytes) => (await import("./read-pdf.ts")).readPdf(bytes),
  },
  {
    endings: ["zip"],
    isHeavy: true,
    read: async (bytes, inArchives) => {
      if (inArchives >= MAX_ARCHIVES) {
        return { kind: "unreadable", reason: "It is an archive in an archive in an archive." };
      }
      const { readArchive } = await import("./read-archive.ts");
      return readArchive(bytes, (content, name) => formatOf(name)?.read(content, inArchives + 1));
    },
  },
];

/** The endings of files that are read as text, without the dot. */
export const TEXT_ENDINGS: readonly string[] = FORMATS.filter(
  ({ isHeavy }) => isHeavy === undefined,
).flatMap(({ endings }) => endings);

/** Whether there is a reader for files of this name. */
export function isReadable(name: string): boolean {
  return formatOf(name) !== undefined;
}

/** Whether a file of this name is read as text, as a server may do it. */
export function isTextFile(name: string): boolean {
  const format = formatOf(name);
  return format !== undefined && format.isHeavy === undefined;
}

/** Reads a file by the ending of its name. Never rejects, whatever the bytes are. */
export async function readFile(bytes: Uint8Array, name: string): Promise<FileReading> {
  const format = formatOf(name);
  if (format === undefined) {
    const known = FORMATS.flatMap(({ endings }) => endings).join(", ");
    return { kind: "unreadable", reason: `Its kind is not known. These endings are: ${known}.` };
  }
  return format.read(bytes, 0);
}

function formatOf(name: string): Format | undefined {
  const ending = /\.([a-z]{2,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return FORMATS.find(({ endings }) => endings.includes(ending));
}
