import type { KnownPage } from "../crawl/crawl-request.ts";
import { crawlSite } from "../crawl/crawl-site.ts";
import { type CrawlEnd, type CrawlEvent, UnreadableSiteError } from "../crawl/page-outcome.ts";
import type { SafeFetch } from "../crawl/safe-fetch.ts";
import type { KnowledgeSource } from "../store/knowledge-store.ts";
import type { LearningProgress } from "./learning-progress.ts";
import { documentsOf, noteMissing } from "./missing-pages.ts";
import { PageTexts, type PageTextsDeps, SAMPLE_PAGES } from "./page-texts.ts";

export interface ReadSourceDeps extends Pick<PageTextsDeps, "store" | "hasRoom" | "now"> {
  readonly fetch: SafeFetch;
  readonly progress: LearningProgress;
  /** Resolves when there is time for the next page: visitors come first. */
  readonly isFree: () => Promise<void>;
  /** Between two requests, in milliseconds. Default: 200. */
  readonly pauseMs?: number | undefined;
}

/** What a reading of a source has done. */
export interface SourceReading {
  readonly stored: number;
  readonly unchanged: number;
  readonly withoutText: number;
  readonly removed: number;
  /** Pages for which there was no room. */
  readonly refused: number;
  /** Why the source, or a part of it, was not read, as a sentence for the owner. */
  readonly error: string | undefined;
  /** Whether nothing of it could be read. */
  readonly hasFailed: boolean;
}

/**
 * Reads a website or a page, and stores what has changed. A page that fails keeps its last good text.
 * @param signal ends the reading between two pages
 * @throws when the store does
 */
export async function readSource(
  source: KnowledgeSource,
  deps: ReadSourceDeps,
  signal: AbortSignal,
): Promise<SourceReading> {
  const running = new RunningReading(source, deps, signal);
  try {
    await running.run();
    return running.result();
  } catch (error) {
    if (!(error instanceof UnreadableSiteError)) throw error;
    return { ...running.result(), error: error.message, hasFailed: true };
  } finally {
    deps.progress.end(source.id);
  }
}

class RunningReading {
  readonly #source: KnowledgeSource;
  readonly #deps: ReadSourceDeps;
  readonly #signal: AbortSignal;
  readonly #texts: PageTexts;
  readonly #seen = new Set<string>();
  #withoutText = 0;
  #removed = 0;
  /** Of the first page without text. */
  #reason: string | undefined;
  #end: CrawlEnd | undefined;

  constructor(source: KnowledgeSource, deps: ReadSourceDeps, signal: AbortSignal) {
    this.#source = source;
    this.#deps = deps;
    this.#signal = signal;
    this.#texts = new PageTexts({
      ...deps,
      sourceId: source.id,
      onTwin: (address, twin) => {
        this.#withoutText++;
        return this.#noteMissing(address, `It has the same text as ${twin}.`, true);
      },
    });
  }

  async run(): Promise<void> {
    const { uri, only, kind, ignoresRobots } = this.#source;
    const { fetch, now, pauseMs } = this.#deps;
    const signal = this.#signal;
    const isOnePage = kind === "page";
    const fullPages = SAMPLE_PAGES;
    const request = { address: uri, only, isOnePage, ignoresRobots, fullPages, signal };
    const known = (address: string) => this.#known(address);
    const knownAddresses = () => this.#knownAddresses();
    for await (const event of crawlSite(request, { fetch, known, knownAddresses, now, pauseMs })) {
      await this.#deps.isFree();
      await this.#take(event);
      if (signal.aborted || this.#texts.isSourceGone) return;
    }
    await this.#texts.finish();
    if (this.#end?.isWhole) await this.#noteUnseen();
  }

  result(): SourceReading {
    const nothing = this.#whyNothing();
    const notes = [nothing, this.#end?.note, this.#texts.problem];
    return {
      ...this.#texts.counts,
      withoutText: this.#withoutText,
      removed: this.#removed,
      error: notes.filter((note) => note !== undefined).join(" ") || undefined,
      hasFailed: nothing !== undefined,
    };
  }

  /** Undefined when at least a page was read. */
  #whyNothing(): string | undefined {
    const { stored, unchanged, refused } = this.#texts.counts;
    if (this.#reason === undefined || stored + unchanged + refused > 0) return undefined;
    if (this.#signal.aborted) return undefined;
    if (this.#seen.size === 1) return this.#reason;
    return `None of its ${this.#seen.size} pages could be read. Of the first: ${this.#reason}`;
  }

  async #take(event: CrawlEvent): Promise<void> {
    if (event.kind === "ended") {
      this.#end = event;
      return;
    }
    const { address, progress } = event;
    this.#seen.add(address);
    this.#deps.progress.report({ sourceId: this.#source.id, ...progress, address });
    if (event.kind === "read") return this.#texts.take(event);
    if (event.kind === "unchanged") return this.#texts.keep(address, event.isAsked);
    this.#withoutText++;
    const { kind, reason } = event;
    this.#reason ??= reason;
    if (kind === "gone" || kind === "skipped") {
      await this.#noteMissing(address, reason, kind === "skipped");
    } else {
      const note = { sourceId: this.#source.id, uri: address, at: this.#deps.now() };
      await this.#deps.store.noteDocument({ ...note, status: kind, reason, isMissing: false });
    }
  }

  async #noteMissing(uri: string, reason: string, isSkipped: boolean): Promise<void> {
    const page = { sourceId: this.#source.id, uri, reason, isSkipped, at: this.#deps.now() };
    if (await noteMissing(this.#deps.store, page)) this.#removed++;
  }

  /** The pages that were there at an earlier reading, and that the site names no more. */
  async #noteUnseen(): Promise<void> {
    for await (const { uri } of documentsOf(this.#deps.store, this.#source.id)) {
      if (this.#seen.has(uri)) continue;
      if (this.#signal.aborted) return;
      await this.#noteMissing(uri, "The website's sitemap does not name it any more.", false);
    }
  }

  async #known(address: string): Promise<KnownPage | undefined> {
    const document = await this.#deps.store.findDocument(address);
    if (document === undefined) return undefined;
    const { etag, lastModified, checkedAt, sections, misses, reason } = document;
    const hasText = sections > 0 && misses === 0 && reason === undefined;
    return { etag, lastModified, checkedAt, hasText };
  }

  async *#knownAddresses(): AsyncGenerator<string> {
    for await (const { uri } of documentsOf(this.#deps.store, this.#source.id)) yield uri;
  }
}
