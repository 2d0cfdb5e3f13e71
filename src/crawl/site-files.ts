import { decodeBytes } from "../readers/decode-bytes.ts";
import { type LlmsPage, splitLlmsFull } from "./llms-full.ts";
import { UnreadableSiteError } from "./page-outcome.ts";
import { isTransient, type PoliteFetch } from "./polite-fetch.ts";
import { MAX_ROBOTS_BYTES, NO_ROBOTS, readRobots, type Robots } from "./robots.ts";
import type { Scope } from "./scope.ts";
import { readSitemap, type SitemapEntry } from "./sitemap.ts";
import { unpackGzip } from "./unpack-gzip.ts";
import { readWebAddress } from "./web-address.ts";

/*
 * The files that a site has for crawlers: robots.txt, sitemaps, and llms-full.txt.
 */

/** The name for which rules in robots.txt are meant. */
export const AGENT = "chatporch";

/** These files are in UTF-8, whatever the server says. */
const UTF_8 = "text/plain; charset=utf-8";
const MAX_SITEMAP_BYTES = 10_000_000;
const MAX_LLMS_BYTES = 10_000_000;
/** Indexes in indexes. */
const MAX_SITEMAP_LEVELS = 3;
const MAX_SITEMAP_FILES = 500;
export const MAX_SITEMAP_ADDRESSES = 50_000;

/** @throws UnreadableSiteError when the server does not say what is allowed (RFC 9309, section 2.3.1.4) */
export async function fetchRobots(origin: string, site: PoliteFetch): Promise<Robots> {
  const fetched = await site.ask(new URL("/robots.txt", origin), { maxBytes: MAX_ROBOTS_BYTES });
  if (fetched.kind === "page") return readRobots(decodeBytes(fetched.bytes, UTF_8), AGENT);
  if (fetched.kind !== "failed" || !isTransient(fetched)) return NO_ROBOTS;
  throw new UnreadableSiteError(`The website's robots.txt cannot be read now. ${fetched.reason}`);
}

/** Pages that the files of a site name. */
export interface Listing<Page> {
  readonly pages: readonly Page[];
  /** Whether all of them are here: no file failed, and none was too long. */
  readonly isWhole: boolean;
}

/**
 * Reads the sitemaps that robots.txt names, or else the one at the usual place, and those that they name. A site
 * without a sitemap has no pages in it.
 */
export async function fetchSitemaps(
  scope: Scope,
  robots: Robots,
  site: PoliteFetch,
): Promise<Listing<SitemapEntry>> {
  const reader = new SitemapReader(scope, site);
  const named = robots.sitemaps.flatMap((text) => readWebAddress(text, scope.start).url ?? []);
  if (named.length > 0) await reader.readAll(named);
  else await reader.readFirst(["sitemap.xml", "/sitemap.xml"]);
  return { pages: reader.pages, isWhole: reader.isWhole };
}

class SitemapReader {
  readonly pages: SitemapEntry[] = [];
  isWhole = true;
  readonly #scope: Scope;
  readonly #site: PoliteFetch;
  readonly #seen = new Set<string>();

  constructor(scope: Scope, site: PoliteFetch) {
    this.#scope = scope;
    this.#site = site;
  }

  /** Reads the first that exists, and the sitemaps that it names. The names are relative to the site's folder. */
  async readFirst(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const others = await this.#read(new URL(name, this.#scope.folder));
      if (others !== undefined) return this.readAll(others, 1);
    }
  }

  async readAll(first: readonly URL[], firstDepth = 0): Promise<void> {
    let level = first;
    for (let depth = firstDepth; depth < MAX_SITEMAP_LEVELS; depth++) {
      const next: URL[] = [];
      for (const url of level) next.push(...((await this.#read(url)) ?? []));
      level = next;
    }
    if (level.length > 0) this.isWhole = false;
  }

  /** @returns the sitemaps that it names, or undefined when there is no sitemap */
  async #read(url: URL): Promise<URL[] | undefined> {
    const settled = this.#scope.settle(url);
    if (this.#seen.has(settled.href)) return [];
    if (this.#seen.size >= MAX_SITEMAP_FILES || this.pages.length >= MAX_SITEMAP_ADDRESSES) {
      this.isWhole = false;
      return [];
    }
    this.#seen.add(settled.href);
    const fetched = await this.#site.ask(settled, { maxBytes: MAX_SITEMAP_BYTES });
    if (isTransient(fetched)) this.isWhole = false;
    if (fetched.kind !== "page") return undefined;
    const bytes = await unpackGzip(fetched.bytes, MAX_SITEMAP_BYTES);
    const sitemap = bytes && (await readSitemap(decodeBytes(bytes, UTF_8)));
    if (sitemap === undefined) return undefined;
    const room = MAX_SITEMAP_ADDRESSES - this.pages.length;
    if (sitemap.pages.length > room) this.isWhole = false;
    for (const page of sitemap.pages.slice(0, room)) this.pages.push(page);
    return sitemap.sitemaps.flatMap((text) => readWebAddress(text, settled).url ?? []);
  }
}

/** The pages of the site's llms-full.txt, which has their text. */
export async function fetchLlmsFull(scope: Scope, site: PoliteFetch): Promise<Listing<LlmsPage>> {
  const fetched = await site.ask(new URL("llms-full.txt", scope.folder), {
    maxBytes: MAX_LLMS_BYTES,
  });
  // A server may answer with its front page whatever it is asked for.
  if (fetched.kind !== "page" || /html/i.test(fetched.contentType)) {
    return { pages: [], isWhole: !isTransient(fetched) };
  }
  const pages = await splitLlmsFull(decodeBytes(fetched.bytes, fetched.contentType));
  return { pages, isWhole: true };
}
