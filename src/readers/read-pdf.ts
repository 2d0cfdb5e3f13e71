import { cleanLine, cleanText } from "./clean-text.ts";
import { asFile, type FileReading } from "./file-reading.ts";
import { partsOf, topHeadingOf } from "./outline.ts";
import { type PdfLine, piecesOf } from "./pdf-lines.ts";
import type { NoReading } from "./reading.ts";

const MAX_PAGES = 2000;

const SCANNED: NoReading = {
  kind: "empty",
  reason:
    "There is no text in it: is it scanned? A program for character recognition (OCR) adds the text.",
};
const ENCRYPTED: NoReading = {
  kind: "unreadable",
  reason: "It is protected by a password. Save it without one.",
};
const DAMAGED: NoReading = { kind: "unreadable", reason: "It is no PDF, or it is damaged." };

/**
 * Reads the text of a PDF. Larger letters make headings, and each part knows its page. Only the command line calls
 * it, in a process of its own: a parser of hostile files has no place beside visitors. Never throws.
 */
export async function readPdf(bytes: Uint8Array): Promise<FileReading> {
  const { getDocumentProxy } = await import("unpdf");
  let pdf: Awaited<ReturnType<typeof getDocumentProxy>>;
  try {
    // The parser takes the bytes away, so that it gets a copy.
    pdf = await getDocumentProxy(bytes.slice(), { verbosity: 0 });
  } catch (error) {
    return error instanceof Error && error.name === "PasswordException" ? ENCRYPTED : DAMAGED;
  }
  try {
    if (pdf.numPages > MAX_PAGES) {
      return { kind: "unreadable", reason: `It has more than ${MAX_PAGES} pages. Split it.` };
    }
    const pages: PdfLine[][] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(linesOf(items.filter((item) => "str" in item)));
      page.cleanup();
    }
    const pieces = piecesOf(pages);
    const title = titleIn(await pdf.getMetadata().catch(() => undefined)) || topHeadingOf(pieces);
    const parts = partsOf(pieces, title);
    if (parts.length === 0) return SCANNED;
    return asFile({ kind: "read", document: { title, lang: undefined, parts } });
  } catch {
    return DAMAGED;
  } finally {
    await pdf.loadingTask.destroy().catch(() => undefined);
  }
}

/** A run of letters as the parser finds it. `transform` ends with its place: x and y from the bottom left, in points. */
interface TextItem {
  readonly str: string;
  readonly height: number;
  readonly transform: readonly number[];
  readonly hasEOL: boolean;
}

function linesOf(items: readonly TextItem[]): PdfLine[] {
  const lines: PdfLine[] = [];
  let text = "";
  let size = 0;
  let height = 0;
  const flush = () => {
    const line = cleanText(text).replaceAll(/\s+/g, " ").trim();
    if (line !== "") lines.push({ text: line, size, height });
    text = "";
    size = 0;
  };
  for (const item of items) {
    const y = item.transform[5] ?? 0;
    if (text !== "" && isOtherLine(Math.abs(y - height), size, item.height)) flush();
    if (text === "") height = y;
    text += item.str;
    if (item.str.trim() !== "") size = Math.max(size, item.height);
    if (item.hasEOL) flush();
  }
  flush();
  return lines;
}

/** Small letters may be raised; a small line may stand right below a large one. */
function isOtherLine(distance: number, left: number, right: number): boolean {
  return distance > Math.max(left, right) / 2 || distance > Math.min(left, right) * 0.9;
}

/** The title in the properties, if it is one: many programs write the name of the file there. */
function titleIn(metadata: { readonly info: object } | undefined): string {
  const info = metadata?.info ?? {};
  const title = "Title" in info && typeof info.Title === "string" ? cleanLine(info.Title) : "";
  return /\.\w{2,4}$|^(?:untitled|microsoft word\b)/i.test(title) ? "" : title;
}
