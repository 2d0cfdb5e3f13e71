import { readMarkdownInSteps } from "../readers/read-markdown.ts";
import { inTurns, turnOfItsOwn } from "../runtime/event-loop-turn.ts";
import type { CrawlDeps, CrawlRequest } from "./crawl-request.ts";
import { Frontier, MAX_PAGES, type PageToRead } from "./frontier.ts";
import { Outcomes } from "./outcomes.ts";
import { isFresh } from "./page-identity.ts";
import type { CrawlEvent, PageOutcome } from "./page-outcome.ts";
import { refuseType } from "./read-page.ts";
import type { Fetched } from "./safe-fetch.ts";
import { fetchLlmsFull, Sitemaps } from "./site-files.ts";
import { enterSite, type Site } from "./site.ts";
import { isNoPage, refuseDocument } from "./unread-names.ts";

const CONNECTIONS = 2;
/** How long addresses are judged before other work has its turn. The rules of a site may be many. */
const TURN_MS = 2;
/** Pages that are not asked for, and are named to the owner all the same. */
const MAX_NAMED = 200;

/**
 * Reads a website: the pages of its `llms-full.txt` and of its sitemap, or else those that its links lead to. Two
 * requests at most are under way, and a page is held in memory only until the next event is asked for.
 * @throws UnreadableSiteError when it cannot be read at all
 */
export async function* crawlSite(
  request: CrawlRequest,
  deps: CrawlDeps,
): AsyncGenerator<CrawlEvent> {
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  try {
    const running = { ...request, signal };
    const { site, start } = await enterSite(running, deps);
    yield* new SiteCrawl(site, running, deps).events(start);
  } finally {
    stop.abort();
  }
}

interface Asked {
  readonly page: PageToRead;
  /** Undefined: the sitemap says that the page has not changed. */
  readonly fetched: Promise<Fetched> | undefined;
}

class SiteCrawl {
  readonly #site: Site;
  readonly #request: CrawlRequest;
  readonly #deps: CrawlDeps;
  readonly #frontier = new Frontier();
  readonly #outcomes: Outcomes;
  #hasSitemap = false;
  #isWhole = true;
  #named = 0;
  /** When addresses were last judged in a new turn of the event loop. */
  #turnAt = 0;
  #asked = 0;

  constructor(site: Site, request: CrawlRequest, deps: CrawlDeps) {
    this.#site = site;
    this.#request = request;
    this.#deps = deps;
    const follow = this.#follow.bind(this);
    this.#outcomes = new Outcomes({ site, frontier: this.#frontier, known: deps.known, follow });
  }

  async *events(start: Fetched): AsyncGenerator<CrawlEvent> {
    const first: PageToRead = { url: this.#site.scope.start, depth: 0, changedAt: undefined };
    const { isOnePage = false, signal } = this.#request;
    this.#frontier.addTaken(first.url);
    if (!isOnePage) yield* this.#listedPages();
    yield* this.#outcomes.of(first, start);
    if (!isOnePage) {
      yield* this.#pages();
      if (!this.#hasSitemap && !this.#isOver) yield* this.#pagesWithoutLinks();
    }
    if (!signal.aborted) yield this.#end();
  }

  get #isOver(): boolean {
    return this.#request.signal.aborted || this.#site.fetch.downReason !== undefined;
  }

  /** The pages that the files of the site name. Those of which a file has the text are read at once. */
  async *#listedPages(): AsyncGenerator<PageOutcome> {
    const { scope, robots, fetch } = this.#site;
    const full = await fetchLlmsFull(scope, fetch);
    for (const { address, text } of full.pages) {
      await this.#letOthersWork();
      const url = scope.find(address);
      if (url === undefined || !this.#frontier.addTaken(url)) continue;
      await turnOfItsOwn();
      yield this.#outcomes.ofReading(url, await inTurns(readMarkdownInSteps(text)));
    }
    const sitemaps = new Sitemaps(scope, robots, fetch);
    const found = this.#frontier.found;
    for await (const pages of sitemaps.pages()) {
      for (const { address, changedAt } of pages) {
        yield* this.#find(address, { depth: 0, changedAt });
      }
    }
    this.#isWhole = full.isWhole && sitemaps.isWhole;
    this.#hasSitemap = this.#frontier.found > found;
  }

  /** Pages to which no link leads any more are asked for themselves, to learn whether they still exist. */
  async *#pagesWithoutLinks(): AsyncGenerator<PageOutcome> {
    for await (const address of this.#deps.knownAddresses()) {
      yield* this.#find(address, { depth: 0, changedAt: undefined });
    }
    yield* this.#pages();
  }

  async *#follow(links: readonly string[], depth: number): AsyncGenerator<PageOutcome> {
    if (this.#hasSitemap || this.#request.isOnePage) return;
    for (const link of links) yield* this.#find(link, { depth: depth + 1, changedAt: undefined });
  }

  /** A page that something names. Yields an outcome when it is not to be read and the owner should know. */
  async *#find(address: string, about: Omit<PageToRead, "url">): AsyncGenerator<PageOutcome> {
    await this.#letOthersWork();
    const url = this.#site.scope.find(address);
    if (url === undefined || this.#frontier.hasSeen(url) || isNoPage(url)) return;
    const refusal =
      refuseDocument(url) ??
      (this.#site.robots.allows(url) ? undefined : "The website's robots.txt does not allow it.");
    if (refusal === undefined) {
      this.#frontier.add({ url, ...about });
    } else if (this.#named < MAX_NAMED) {
      this.#named++;
      this.#frontier.markSeen(url);
      yield this.#outcomes.withoutText(url, { kind: "skipped", reason: refusal });
    }
  }

  /** Call it before each address that is judged. */
  async #letOthersWork(): Promise<void> {
    if (performance.now() - this.#turnAt <= TURN_MS) return;
    await turnOfItsOwn();
    this.#turnAt = performance.now();
  }

  /** The pages of the queue, in its order. Two requests are under way, so that one page is read while the next comes. */
  async *#pages(): AsyncGenerator<PageOutcome> {
    const window: Asked[] = [];
    while (!this.#isOver) {
      while (window.length < CONNECTIONS) {
        const page = this.#frontier.take();
        if (page === undefined) break;
        window.push(await this.#ask(page));
      }
      const asked = window.shift();
      if (asked === undefined) return;
      const fetched = await asked.fetched;
      // What was under way when the crawl was stopped says nothing about the page.
      if (this.#request.signal.aborted) return;
      if (fetched === undefined) {
        yield this.#outcomes.unchanged(asked.page.url, false);
      } else {
        yield* this.#outcomes.of(asked.page, fetched);
      }
    }
    this.#isWhole = false;
  }

  async #ask(page: PageToRead): Promise<Asked> {
    // Without a sitemap each page is read in full, since its links lead to the others.
    const isInFull = !this.#hasSitemap || this.#asked++ < (this.#request.fullPages ?? 0);
    const known = isInFull ? undefined : await this.#deps.known(page.url.href);
    if (known !== undefined && isFresh(page, known, this.#deps.now())) {
      return { page, fetched: undefined };
    }
    const validators = known?.hasText ? known : undefined;
    const fetched = this.#site.fetch.ask(page.url, {
      etag: validators?.etag,
      lastModified: validators?.lastModified,
      refuseType,
    });
    return { page, fetched };
  }

  #end(): CrawlEvent {
    const { downReason } = this.#site.fetch;
    const { isCut, leftOut } = this.#frontier;
    const notes = [
      isCut && `The website has more than ${MAX_PAGES} pages. The others were not read.`,
      leftOut > 0 &&
        `${leftOut} addresses were left out, of which there seem to be endlessly many.`,
      downReason && `The website has stopped answering, and the rest was not read. ${downReason}`,
    ].filter((note) => typeof note === "string");
    const isWhole = this.#isWhole && this.#hasSitemap && !isCut;
    return { kind: "ended", isWhole, note: notes.join(" ") || undefined };
  }
}
