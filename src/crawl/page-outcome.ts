import type { ReadDocument } from "../text/document.ts";

/** What a crawl finds out about a page, or at last about itself. */
export type CrawlEvent = PageOutcome | CrawlEnd;

export type PageOutcome = ReadOutcome | UnchangedOutcome | NoTextOutcome;

interface OfPage {
  /** The address that visitors can open. */
  readonly address: string;
  readonly progress: CrawlProgress;
}

export interface CrawlProgress {
  /** Pages that were looked at, and pages that were found so far. */
  readonly read: number;
  readonly total: number;
}

export interface ReadOutcome extends OfPage {
  readonly kind: "read";
  readonly document: ReadDocument;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export interface UnchangedOutcome extends OfPage {
  readonly kind: "unchanged";
  /** False: the sitemap says so, and the page was not asked for. */
  readonly isAsked: boolean;
}

export interface NoTextOutcome extends OfPage {
  /**
   * `failed`: it may work another time. `empty`: it was read and has no text. `skipped`: it is not to be read.
   * `gone`: it does not exist, or is another page now.
   */
  readonly kind: "failed" | "empty" | "skipped" | "gone";
  /** A sentence for the owner. */
  readonly reason: string;
}

export interface CrawlEnd {
  readonly kind: "ended";
  /**
   * Whether a page that was not seen does not exist any more. False when pages were left out, or when a page is known
   * only by the links that lead to it.
   */
  readonly isWhole: boolean;
  /** Why pages were left out, as a sentence for the owner. */
  readonly note: string | undefined;
}

/** The website cannot be read at all. The message is a sentence for the owner. */
export class UnreadableSiteError extends Error {
  override readonly name = "UnreadableSiteError";
}
