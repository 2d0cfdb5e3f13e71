import type { Part, ReadDocument } from "../text/document.ts";

/** With fewer pages, nothing can be said about what they share. */
const LEAST_PAGES = 10;
/** Lines on more than this share of the pages belong to the site's frame, and not to the page. */
const FRAME_SHARE = 0.2;
/** Shorter lines bury nothing, and some of them are code: `}`. */
const LEAST_LENGTH = 8;
/** Lines of one page that are looked at. */
const MAX_LINES = 5000;
/** Lines that are remembered. Beyond that, the rarest are forgotten. */
const MAX_REMEMBERED = 100_000;
const FENCE = /^\s*(?:```|~~~)/;

/** Finds the lines that a site repeats from page to page, such as "Add to cart" or a notice about cookies. */
export class RepeatedLines {
  readonly #pagesOfLine = new Map<number, number>();
  #pages = 0;

  /** Counts the lines of a page. Call it once for each page. */
  count({ parts }: ReadDocument): void {
    this.#pages++;
    const lines = new Set<number>();
    for (const part of parts) {
      for (const { line, isCode } of linesOf(part)) {
        if (!isCode && mayRepeat(line)) lines.add(hashOf(line));
        if (lines.size >= MAX_LINES) break;
      }
    }
    for (const line of lines) {
      this.#pagesOfLine.set(line, (this.#pagesOfLine.get(line) ?? 0) + 1);
    }
    if (this.#pagesOfLine.size > MAX_REMEMBERED) this.#forget();
  }

  /** The page without the lines that the pages so far have in common. One that would be empty stays as it is. */
  without(document: ReadDocument): ReadDocument {
    if (this.#pages < LEAST_PAGES) return document;
    const parts = document.parts.flatMap((part) => this.#withoutIn(part));
    return parts.length === 0 ? document : { ...document, parts };
  }

  #withoutIn(part: Part): Part[] {
    const least = this.#pages * FRAME_SHARE;
    const kept: string[] = [];
    let hasChanged = false;
    for (const { line, isCode } of linesOf(part)) {
      const isFrame =
        !isCode && mayRepeat(line) && (this.#pagesOfLine.get(hashOf(line)) ?? 0) > least;
      if (isFrame) hasChanged = true;
      else kept.push(line);
    }
    if (!hasChanged) return [part];
    const text = kept
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim();
    return text === "" ? [] : [{ ...part, text }];
  }

  #forget(): void {
    const least = this.#pages * (FRAME_SHARE / 4);
    for (const [line, pages] of this.#pagesOfLine) {
      if (pages <= least) this.#pagesOfLine.delete(line);
    }
    // There are so many pages with so many lines that even those cannot be remembered: it begins anew.
    if (this.#pagesOfLine.size > MAX_REMEMBERED) this.#pagesOfLine.clear();
  }
}

function* linesOf({ text }: Part): Generator<{ readonly line: string; readonly isCode: boolean }> {
  let isInside = false;
  for (const line of text.split("\n")) {
    const isFence = FENCE.test(line);
    yield { line, isCode: isInside || isFence };
    if (isFence) isInside = !isInside;
  }
}

function mayRepeat(line: string): boolean {
  return line.length >= LEAST_LENGTH && /\p{L}/u.test(line);
}

/** 52 bits, which a number holds. */
function hashOf(line: string): number {
  return Number(BigInt.asUintN(52, Bun.hash.wyhash(line.trim())));
}
