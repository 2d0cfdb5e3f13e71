import type { Reading } from "../readers/reading.ts";
import type { CrawlDeps } from "./crawl-request.ts";
import type { Frontier, PageToRead } from "./frontier.ts";
import { canonicalOf, type Reason, whyElsewhere } from "./page-identity.ts";
import type { PageOutcome } from "./page-outcome.ts";
import { readPage } from "./read-page.ts";
import type { Fetched, FetchedPage } from "./safe-fetch.ts";
import type { Site } from "./site.ts";

export interface OutcomesDeps extends Pick<CrawlDeps, "known"> {
  readonly site: Site;
  readonly frontier: Frontier;
  /** Called with the links of each page that is read in full. Returns what is to be said of their targets. */
  readonly follow: (links: readonly string[], depth: number) => AsyncIterable<PageOutcome>;
}

/** Makes of each answer what the owner is told about its page. */
export class Outcomes {
  readonly #deps: OutcomesDeps;
  /** Pages that gave way to another address, which they named as their own. */
  readonly #gaveWay = new Set<string>();

  constructor(deps: OutcomesDeps) {
    this.#deps = deps;
  }

  /** What an answer says about a page. Nothing for a page that is another one, and has no entry from before. */
  async *of(page: PageToRead, fetched: Fetched): AsyncGenerator<PageOutcome> {
    const { site } = this.#deps;
    const url = site.scope.settle(fetched.url);
    const moved = whyElsewhere(site, page.url, url) ?? this.#whyAgain(page.url, url);
    if (moved !== undefined) {
      yield* this.#instead(page.url, moved);
    } else if (fetched.kind === "page") {
      yield* this.#read({ ...page, url }, fetched);
    } else if (fetched.kind === "unchanged") {
      yield this.unchanged(url, true);
    } else {
      const kind = fetched.kind === "refused" ? "skipped" : fetched.kind;
      yield this.withoutText(page.url, { kind, reason: fetched.reason });
    }
  }

  /** @param validators of the answer, if the text came from one */
  ofReading(
    url: URL,
    reading: Reading,
    { etag, lastModified }: Partial<Pick<FetchedPage, "etag" | "lastModified">> = {},
  ): PageOutcome {
    if (reading.kind !== "read") {
      return this.withoutText(url, { kind: "empty", reason: reading.reason });
    }
    const { document } = reading;
    return { kind: "read", address: url.href, document, etag, lastModified, ...this.#soFar };
  }

  unchanged(url: URL, isAsked: boolean): PageOutcome {
    return { kind: "unchanged", address: url.href, isAsked, ...this.#soFar };
  }

  withoutText(url: URL, why: Reason): PageOutcome {
    return { ...why, address: url.href, ...this.#soFar };
  }

  get #soFar() {
    const { taken, found } = this.#deps.frontier;
    return { progress: { read: taken, total: found } };
  }

  async *#read({ url, depth }: PageToRead, fetched: FetchedPage): AsyncGenerator<PageOutcome> {
    this.#deps.frontier.markSeen(url);
    const { reading, canonical, links, isHidden } = await readPage(fetched);
    yield* this.#deps.follow(links, depth);
    if (isHidden) {
      const reason = "The page says that it is not to be found (noindex).";
      yield this.withoutText(url, { kind: "skipped", reason });
      return;
    }
    const other = canonicalOf(this.#deps.site, url, canonical);
    if (other !== undefined && this.#giveWay(url, other, depth)) {
      yield* this.#instead(url, { kind: "gone", reason: `It is the same page as ${other.href}.` });
    } else {
      yield this.ofReading(url, reading, fetched);
    }
  }

  /** Leaves a page to its other address, unless that one would only lead back here. */
  #giveWay(url: URL, other: URL, depth: number): boolean {
    const { frontier, site } = this.#deps;
    if (this.#gaveWay.has(url.href) || this.#gaveWay.has(other.href)) return false;
    if (!frontier.hasSeen(other)) {
      if (!site.robots.allows(other)) return false;
      if (!frontier.add({ url: other, depth, changedAt: undefined })) return false;
    }
    this.#gaveWay.add(url.href);
    return true;
  }

  /** Why a page that redirects need not be read: the other one is read anyway. */
  #whyAgain(url: URL, target: URL): Reason | undefined {
    const isAgain = this.#deps.frontier.hasSeen(target) && !this.#gaveWay.has(target.href);
    if (target.href === url.href || !isAgain) return undefined;
    return { kind: "gone", reason: `It redirects to ${target.href}.` };
  }

  async *#instead(url: URL, why: Reason): AsyncGenerator<PageOutcome> {
    if (why.kind === "skipped" || (await this.#deps.known(url.href)) !== undefined) {
      yield this.withoutText(url, why);
    }
  }
}
