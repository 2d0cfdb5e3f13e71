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
const MAX_SITEMAP_ADDRESSES = 50_000;

/** @throws UnreadableSiteError when the server does not say what is allowed (RFC 9309, section 2.3.1.4) */
export async function fetchRobots(origin: string, site: PoliteFetch): Promise<Robots> {
  const fetched = await site.ask(new URL("/robots.txt", origin), { maxBytes: MAX_ROBOTS_BYTES });
  if (fetched.kind === "page") return readRobots(decodeBytes(fetched.bytes, UTF_8), AGENT);
  if (fetched.kind !== "failed" || !isTransient(fetched)) return NO_ROBOTS;
  const { status, reason } = fetched;
  // A server that does not answer has no more for its other pages.
  if (status === undefined) throw new UnreadableSiteError(reason);
  throw new UnreadableSiteError(`The website's robots.txt cannot be read now. ${reason}`);
}

/** The sitemaps of a site. One is held in memory at a time: all of them may have 5 GB. */
export class Sitemaps {
  readonly #scope: Scope;
  readonly #robots: Robots;
  readonly #site: PoliteFetch;
  readonly #seen = new Set<string>();
  #addresses = 0;
  #isWhole = true;

  constructor(scope: Scope, robots: Robots, site: PoliteFetch) {
    this.#scope = scope;
    this.#robots = robots;
    this.#site = site;
  }

  /** Whether all their pages were there: no file failed, and none was too long. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /**
   * The pages of the sitemaps that robots.txt names, or else of the one at the usual place, and of those that they
   * name, file by file. Nothing when the site has no sitemap.
   */
  async *pages(): AsyncGenerator<readonly SitemapEntry[]> {
    const { start } = this.#scope;
    const named = this.#robots.sitemaps.flatMap((text) => readWebAddress(text, start).url ?? []);
    if (named.length > 0) yield* this.#all(named, 0);
    else yield* this.#first(["sitemap.xml", "/sitemap.xml"]);
  }

  /** Those of the first that exists, and of the ones that it names. The names are relative to the site's folder. */
  async *#first(names: readonly string[]): AsyncGenerator<readonly SitemapEntry[]> {
    for (const name of names) {
      const found = await this.#read(new URL(name, this.#scope.folder));
      if (found === undefined) continue;
      yield found.pages;
      return yield* this.#all(this.#named(found, 0), 1);
    }
  }

  async *#all(first: readonly URL[], firstDepth: number): AsyncGenerator<readonly SitemapEntry[]> {
    let level = first;
    for (let depth = firstDepth; depth < MAX_SITEMAP_LEVELS; depth++) {
      const next: URL[] = [];
      for (const url of level) {
        const found = await this.#read(url);
        if (found === undefined) continue;
        yield found.pages;
        next.push(...this.#named(found, next.length));
      }
      level = next;
    }
    if (level.length > 0) this.#isWhole = false;
  }

  /**
   * The sitemaps that one names, as many as are still read.
   * @param waiting how many are to be read before them
   */
  #named({ sitemaps }: FoundSitemap, waiting: number): URL[] {
    const room = Math.max(0, MAX_SITEMAP_FILES - waiting);
    if (sitemaps.length > room) this.#isWhole = false;
    return sitemaps.slice(0, room);
  }

  /** Undefined: there is no sitemap. */
  async #read(url: URL): Promise<FoundSitemap | undefined> {
    const settled = this.#scope.settle(url);
    if (this.#seen.has(settled.href)) return undefined;
    if (this.#seen.size >= MAX_SITEMAP_FILES || this.#addresses >= MAX_SITEMAP_ADDRESSES) {
      this.#isWhole = false;
      return undefined;
    }
    this.#seen.add(settled.href);
    const fetched = await this.#site.ask(settled, { maxBytes: MAX_SITEMAP_BYTES });
    if (isTransient(fetched)) this.#isWhole = false;
    if (fetched.kind !== "page") return undefined;
    const bytes = await unpackGzip(fetched.bytes, MAX_SITEMAP_BYTES);
    const sitemap = bytes && (await readSitemap(decodeBytes(bytes, UTF_8)));
    if (sitemap === undefined) return undefined;
    const room = MAX_SITEMAP_ADDRESSES - this.#addresses;
    if (sitemap.pages.length > room) this.#isWhole = false;
    const pages = sitemap.pages.slice(0, room);
    this.#addresses += pages.length;
    const named = sitemap.sitemaps.slice(0, MAX_SITEMAP_FILES + 1);
    return { pages, sitemaps: named.flatMap((text) => readWebAddress(text, settled).url ?? []) };
  }
}

interface FoundSitemap {
  readonly pages: readonly SitemapEntry[];
  readonly sitemaps: readonly URL[];
}

/** The pages of the site's llms-full.txt, which has their text. `isWhole` is false when it could not be asked for. */
export async function fetchLlmsFull(
  scope: Scope,
  site: PoliteFetch,
): Promise<{ readonly pages: readonly LlmsPage[]; readonly isWhole: boolean }> {
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
