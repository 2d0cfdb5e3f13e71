import type { Piece } from "./outline.ts";

/** A line of a page of a PDF, from top to bottom. */
export interface PdfLine {
  readonly text: string;
  /** The height of its letters, in points. */
  readonly size: number;
  /** How far it is above the bottom of the page, in points. */
  readonly height: number;
}

/** A heading is larger than the text by this factor, and short. */
const HEADING_FACTOR = 1.15;
const MAX_HEADING = 120;
const HEADING_LEVELS = 3;
/** A paragraph ends where the next line is further away than this many heights of its letters. */
const PARAGRAPH_GAP = 1.7;
/** What stands on so many of the pages is the head or the foot of the page. */
const FRAME_SHARE = 1 / 3;
const MIN_FRAME_PAGES = 4;
const EDGE_LINES = 2;
const PAGE_NUMBER = /^(?:[-–—]\s?)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s?[-–—])?$/;
/** The dots of a table of contents. */
const LEADERS = /(?:\s?[.·…]){4,}\s?/g;

/** The headings and the text of pages, with `page=3` as the fragment that opens a PDF at its page. */
export function piecesOf(pages: readonly (readonly PdfLine[])[]): Piece[] {
  const levels = levelsOf(pages, usualSize(pages));
  const frame = frameOf(pages, levels);
  const pieces: Piece[] = [];
  for (const [index, page] of pages.entries()) {
    const lines = page.filter(
      (line) =>
        !PAGE_NUMBER.test(line.text) && !(frame.has(frameKey(line)) && isAtEdge(line, page)),
    );
    const anchor = `page=${index + 1}`;
    if (lines.length > 0) pieces.push(...piecesOfPage(lines, levels, anchor));
  }
  return pieces;
}

function piecesOfPage(
  lines: readonly PdfLine[],
  levels: ReadonlyMap<number, number>,
  anchor: string,
): Piece[] {
  // A heading without a text gives the page its fragment, below the headings of the pages before.
  const pieces: Piece[] = [{ kind: "heading", level: HEADING_LEVELS + 1, text: "", anchor }];
  let paragraph: PdfLine[] = [];
  const flush = () => {
    if (paragraph.length > 0)
      pieces.push({ kind: "text", text: withoutLeaders(joined(paragraph)) });
    paragraph = [];
  };
  for (const line of lines) {
    const before = paragraph.at(-1);
    const level = line.text.length <= MAX_HEADING ? levels.get(sizeOf(line)) : undefined;
    if (level !== undefined) {
      flush();
      pieces.push({ kind: "heading", level, text: withoutLeaders(line.text), anchor });
      continue;
    }
    if (before !== undefined && Math.abs(before.height - line.height) > line.size * PARAGRAPH_GAP) {
      flush();
    }
    paragraph.push(line);
  }
  flush();
  return pieces;
}

/** The lines of a paragraph as one, with words that were divided at a line's end put together. */
function joined(lines: readonly PdfLine[]): string {
  return lines.reduce((text, line) => {
    if (text === "") return line.text;
    if (/\p{Ll}[-\u00AD]$/u.test(text) && /^\p{Ll}/u.test(line.text)) {
      return text.slice(0, -1) + line.text;
    }
    // Chinese and Japanese have no spaces between their lines.
    const isUnspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}。、]$/u.test(text);
    return text + (isUnspaced ? "" : " ") + line.text;
  }, "");
}

function withoutLeaders(text: string): string {
  return text.replaceAll(LEADERS, " … ").trim();
}

/** Sizes are compared as half points, because the same font has slightly different ones. */
function sizeOf({ size }: PdfLine): number {
  return Math.round(size * 2) / 2;
}

/** The size that most letters have. */
function usualSize(pages: readonly (readonly PdfLine[])[]): number {
  const letters = new Map<number, number>();
  for (const line of pages.flat()) {
    letters.set(sizeOf(line), (letters.get(sizeOf(line)) ?? 0) + line.text.length);
  }
  return [...letters].toSorted(([, left], [, right]) => right - left)[0]?.[0] ?? 0;
}

/** The levels of the largest sizes that headings have, and the last level for those below. */
function levelsOf(
  pages: readonly (readonly PdfLine[])[],
  bodySize: number,
): ReadonlyMap<number, number> {
  const sizes = new Set(
    pages
      .flat()
      .map((line) => sizeOf(line))
      .filter((size) => size >= bodySize * HEADING_FACTOR),
  );
  const descending = [...sizes].toSorted((left, right) => right - left);
  return new Map(descending.map((size, index) => [size, Math.min(index + 1, HEADING_LEVELS)]));
}

/** Lines that stand at the edges of many pages, whatever number is in them. */
function frameOf(
  pages: readonly (readonly PdfLine[])[],
  levels: ReadonlyMap<number, number>,
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const page of pages) {
    const edges = page.filter((line) => isAtEdge(line, page) && !levels.has(sizeOf(line)));
    for (const key of new Set(edges.map(frameKey))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const least = Math.max(MIN_FRAME_PAGES, pages.length * FRAME_SHARE);
  return new Set([...counts].filter(([, count]) => count >= least).map(([key]) => key));
}

function isAtEdge(line: PdfLine, page: readonly PdfLine[]): boolean {
  return page.slice(0, EDGE_LINES).includes(line) || page.slice(-EDGE_LINES).includes(line);
}

function frameKey({ text }: PdfLine): string {
  return text.replaceAll(/\d+/g, "#");
}
