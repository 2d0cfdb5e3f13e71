import type { SafeFetch } from "./safe-fetch.ts";

/** What is to be read. */
export interface CrawlRequest {
  /** The address that the owner has named. */
  readonly address: string;
  /** The beginning of the addresses to read. Undefined: those under `address`. */
  readonly only?: string | undefined;
  /** Only this page is read, and no link is followed. */
  readonly isOnePage?: boolean | undefined;
  readonly ignoresRobots?: boolean | undefined;
  /** How many pages are read in full, whatever is known of them. Default: 0. */
  readonly fullPages?: number | undefined;
  /** Ends the crawl. */
  readonly signal: AbortSignal;
}

/** What an earlier crawl has found out about a page. */
export interface KnownPage {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly checkedAt: number;
  /** Whether its text is there, as the page had it when it was looked at last. */
  readonly hasText: boolean;
}

export interface CrawlDeps {
  readonly fetch: SafeFetch;
  /** Undefined: nothing is known of this page. */
  readonly known: (address: string) => Promise<KnownPage | undefined>;
  /** The addresses of the pages that earlier crawls have found. */
  readonly knownAddresses: () => AsyncIterable<string>;
  readonly now: () => number;
  /** Between two requests, in milliseconds. Default: 200. */
  readonly pauseMs?: number | undefined;
}
