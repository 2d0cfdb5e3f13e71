import { decodeEntities } from "../readers/html-entities.ts";
import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";

export interface SitemapEntry {
  readonly address: string;
  /** When the page changed last, in milliseconds since the epoch, if the sitemap says so. */
  readonly changedAt: number | undefined;
}

export interface Sitemap {
  readonly pages: readonly SitemapEntry[];
  /** Other sitemaps, when this is an index. */
  readonly sitemaps: readonly string[];
}

/** Entries that are read of one file: the protocol's own limit. */
export const MAX_SITEMAP_ENTRIES = 50_000;

const BEGINNING = /<(?:\w{1,20}:)?(?:urlset|sitemapindex)\b/;
const TAG = /<(\/?)(?:\w{1,20}:)?(url|sitemap|loc|lastmod)(?:\s[^<>]*)?>/g;
/** Longer texts are no addresses and no dates. */
const MAX_TEXT_LENGTH = 4000;
/** Tags between two turns of the event loop: about a millisecond. */
const TAGS_A_TURN = 4000;

/**
 * Reads a sitemap or an index of sitemaps (sitemaps.org), in XML or with an address a line. Entities that a document
 * type declares are not replaced, and nothing is loaded. Undefined: it is neither.
 */
export async function readSitemap(text: string): Promise<Sitemap | undefined> {
  if (!BEGINNING.test(text.slice(0, 10_000))) return readLines(text);
  const pages: SitemapEntry[] = [];
  const sitemaps: string[] = [];
  let address = "";
  let changed = "";
  let textBegins = 0;
  let tags = 0;
  for (const tag of text.matchAll(TAG)) {
    if (++tags % TAGS_A_TURN === 0) await turnOfItsOwn();
    const [whole, slash, name] = tag;
    if (name === "loc" || name === "lastmod") {
      const content = slash === "/" ? textOf(text.slice(textBegins, tag.index)) : "";
      // A picture of the page has an address, too, after that of the page.
      if (name === "loc") address ||= content;
      else changed = content;
      textBegins = tag.index + whole.length;
      continue;
    }
    if (slash === "/" && address !== "") {
      if (name === "sitemap") sitemaps.push(address);
      else pages.push({ address, changedAt: timeOf(changed) });
      if (pages.length + sitemaps.length >= MAX_SITEMAP_ENTRIES) break;
    }
    address = "";
    changed = "";
  }
  return { pages, sitemaps };
}

function readLines(text: string): Sitemap | undefined {
  const lines = text.split("\n", MAX_SITEMAP_ENTRIES).flatMap((line) => line.trim() || []);
  if (lines.length === 0 || !lines.every((line) => /^https?:\/\//.test(line))) return undefined;
  return { pages: lines.map((address) => ({ address, changedAt: undefined })), sitemaps: [] };
}

function timeOf(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function textOf(content: string): string {
  if (content.length > MAX_TEXT_LENGTH) return "";
  const literal = /^\s*<!\[CDATA\[(.*?)\]\]>\s*$/s.exec(content)?.[1];
  return (literal ?? decodeEntities(content)).trim();
}
