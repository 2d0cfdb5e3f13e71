/** A page that is still to be read. */
export interface PageToRead {
  readonly url: URL;
  /** How many links lead to it from the start. */
  readonly depth: number;
  /** When it changed last, as the sitemap says. */
  readonly changedAt: number | undefined;
}

export const MAX_PAGES = 5000;
export const MAX_DEPTH = 10;
/** Linked addresses of one path that differ only in their query: filters and calendars make endless ones. */
const MAX_QUERIES = 500;
/** How often a folder may stand in a path: broken relative links make `/a/b/a/b/a/b`. */
const MAX_REPEATS = 2;

/** The pages of a crawl that are to be read, each once, in the order in which they were found. */
export class Frontier {
  readonly #seen = new Set<string>();
  readonly #queries = new Map<string, number>();
  readonly #queue: PageToRead[] = [];
  #taken = 0;
  #isCut = false;
  #leftOut = 0;

  /** How many pages were found, those that are read included. */
  get found(): number {
    return this.#queue.length;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether there are more pages than MAX_PAGES. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** How many addresses were taken for some of endlessly many. */
  get leftOut(): number {
    return this.#leftOut;
  }

  hasSeen(url: URL): boolean {
    return this.#seen.has(url.href);
  }

  markSeen(url: URL): void {
    this.#seen.add(url.href);
  }

  /** Adds a page that is here already, while the queue is empty. Returns false as `add` does. */
  addTaken(url: URL): boolean {
    return this.add({ url, depth: 0, changedAt: undefined }) && this.take() !== undefined;
  }

  /**
   * Returns false for a page that was seen before, or that is one of endlessly many. A page of depth 0 was named by
   * the site itself, and is none of those.
   */
  add(page: PageToRead): boolean {
    const { href } = page.url;
    if (this.#seen.has(href) || page.depth > MAX_DEPTH) return false;
    if (this.#queue.length >= MAX_PAGES) {
      this.#isCut = true;
      return false;
    }
    this.#seen.add(href);
    if (page.depth > 0 && this.#isEndless(page.url)) {
      this.#leftOut++;
      return false;
    }
    this.#queue.push(page);
    return true;
  }

  #isEndless(url: URL): boolean {
    if (repeatsItself(url)) return true;
    if (url.search === "") return false;
    const path = url.origin + url.pathname;
    const queries = (this.#queries.get(path) ?? 0) + 1;
    if (queries > MAX_QUERIES) return true;
    this.#queries.set(path, queries);
    return false;
  }

  /** Undefined: nothing is left. */
  take(): PageToRead | undefined {
    const page = this.#queue[this.#taken];
    if (page !== undefined) this.#taken++;
    return page;
  }
}

function repeatsItself({ pathname }: URL): boolean {
  const counts = new Map<string, number>();
  for (const folder of pathname.split("/").slice(1, -1)) {
    const count = (counts.get(folder) ?? 0) + 1;
    if (count > MAX_REPEATS) return true;
    counts.set(folder, count);
  }
  return false;
}
