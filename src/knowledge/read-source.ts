import type { KnownPage } from "../crawl/crawl-request.ts";
import { crawlSite } from "../crawl/crawl-site.ts";
import {
  type CrawlEnd,
  type CrawlEvent,
  type ReadOutcome,
  type UnchangedOutcome,
  UnreadableSiteError,
} from "../crawl/page-outcome.ts";
import type { SafeFetch } from "../crawl/safe-fetch.ts";
import type { KnowledgeSource, KnowledgeStore } from "../store/knowledge-store.ts";
import type { LearningProgress } from "./learning-progress.ts";
import { documentsOf, noteMissing } from "./missing-pages.ts";
import { RepeatedLines } from "./repeated-lines.ts";
import { storePage } from "./store-page.ts";
import { textHash } from "./text-hash.ts";

export interface ReadSourceDeps {
  readonly store: KnowledgeStore;
  readonly fetch: SafeFetch;
  readonly progress: LearningProgress;
  /** Resolves when there is time for the next page: visitors come first. */
  readonly isFree: () => Promise<void>;
  readonly now: () => number;
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

/** So many pages are looked at together before the first is stored, to learn what they have in common. */
const SAMPLE_PAGES = 20;
/** Characters that these pages may have together. */
const SAMPLE_LENGTH = 4_000_000;

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
  readonly #repeated = new RepeatedLines();
  /** The first pages, until they are enough to tell the frame of the site from its text. */
  #sample: ReadOutcome[] | undefined = [];
  #sampleLength = 0;
  readonly #seen = new Set<string>();
  /** The pages of this reading, by the hashes of their texts. */
  readonly #addresses = new Map<string, string>();
  readonly #counts = { stored: 0, unchanged: 0, withoutText: 0, removed: 0, refused: 0 };
  #end: CrawlEnd | undefined;

  constructor(source: KnowledgeSource, deps: ReadSourceDeps, signal: AbortSignal) {
    this.#source = source;
    this.#deps = deps;
    this.#signal = signal;
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
      if (signal.aborted) return;
    }
    await this.#storeSample();
    if (this.#end?.isWhole) await this.#noteUnseen();
  }

  result(): SourceReading {
    const noRoom = this.#counts.refused > 0 ? NO_ROOM : undefined;
    const error = [this.#end?.note, noRoom].filter((note) => note !== undefined).join(" ");
    return { ...this.#counts, error: error || undefined, hasFailed: false };
  }

  async #take(event: CrawlEvent): Promise<void> {
    if (event.kind === "ended") {
      this.#end = event;
      return;
    }
    const { address, progress } = event;
    this.#seen.add(address);
    this.#deps.progress.report({ sourceId: this.#source.id, ...progress, address });
    if (event.kind === "read") return this.#takeText(event);
    if (event.kind === "unchanged") return this.#takeUnchanged(event);
    this.#counts.withoutText++;
    const { kind, reason } = event;
    if (kind === "gone" || kind === "skipped") {
      await this.#noteMissing(address, reason, kind === "skipped");
    } else {
      const note = { sourceId: this.#source.id, uri: address, at: this.#deps.now() };
      await this.#deps.store.noteDocument({ ...note, status: kind, reason, isMissing: false });
    }
  }

  async #takeUnchanged({ address, isAsked }: UnchangedOutcome): Promise<void> {
    const { store, now } = this.#deps;
    this.#counts.unchanged++;
    const known = await store.findDocument(address);
    if (known?.hash !== undefined) this.#addresses.set(known.hash, address);
    // The validators are those that the page has already.
    if (known && isAsked) await store.touchDocument(address, { ...known, at: now() });
  }

  async #takeText(page: ReadOutcome): Promise<void> {
    this.#repeated.count(page.document);
    if (this.#sample === undefined) return this.#store(page);
    this.#sample.push(page);
    this.#sampleLength += page.document.parts.reduce((sum, { text }) => sum + text.length, 0);
    const isEnough = this.#sample.length >= SAMPLE_PAGES || this.#sampleLength >= SAMPLE_LENGTH;
    if (isEnough) await this.#storeSample();
  }

  async #storeSample(): Promise<void> {
    const sample = this.#sample ?? [];
    this.#sample = undefined;
    for (const page of sample) {
      if (this.#signal.aborted) return;
      await this.#store(page);
    }
  }

  async #store({ address, etag, lastModified, document }: ReadOutcome): Promise<void> {
    const { store, now } = this.#deps;
    const text = this.#repeated.without(document);
    const hash = textHash(text);
    const twin = this.#twinOf(address, hash);
    if (twin !== undefined) {
      this.#counts.withoutText++;
      return this.#noteMissing(address, `It has the same text as ${twin}.`, true);
    }
    const page = { address, etag, lastModified, document: text, hash, at: now() };
    const outcome = await storePage(store, { ...page, sourceId: this.#source.id });
    if (outcome === "stored") this.#counts.stored++;
    else if (outcome === "unchanged") this.#counts.unchanged++;
    else if (outcome === "full") this.#counts.refused++;
  }

  /** The page of this reading that has the same text. Two of them would stand under one answer. */
  #twinOf(address: string, hash: string): string | undefined {
    const twin = this.#addresses.get(hash);
    if (twin === undefined) this.#addresses.set(hash, address);
    return twin === address ? undefined : twin;
  }

  async #noteMissing(uri: string, reason: string, isSkipped: boolean): Promise<void> {
    const page = { sourceId: this.#source.id, uri, reason, isSkipped, at: this.#deps.now() };
    if (await noteMissing(this.#deps.store, page)) this.#counts.removed++;
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

const NO_ROOM =
  "There is no room for some pages: the bot knows as much as can be searched. Remove a source, or read less of this one.";
