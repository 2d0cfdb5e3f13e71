import type { ReadOutcome } from "../crawl/page-outcome.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import { RepeatedLines } from "./repeated-lines.ts";
import { DATABASE_FULL } from "./room.ts";
import { storePage } from "./store-page.ts";
import { textHash } from "./text-hash.ts";

export interface PageTextsDeps {
  readonly store: KnowledgeStore;
  readonly sourceId: number;
  /** Whether the database has room for more pages. */
  readonly hasRoom: () => Promise<boolean>;
  readonly now: () => number;
  /** Called with each page that has the text of another one. */
  readonly onTwin: (address: string, twin: string) => Promise<void>;
}

/** How many pages are looked at together before the first is stored, to learn what they have in common. */
export const SAMPLE_PAGES = 20;
/** Characters that these pages may have together. */
const SAMPLE_LENGTH = 4_000_000;

/** The texts that a reading of a source finds, on their way into the store. */
export class PageTexts {
  /** How many were stored, had not changed, or found no room. */
  readonly counts = { stored: 0, unchanged: 0, refused: 0 };
  readonly #deps: PageTextsDeps;
  readonly #repeated = new RepeatedLines();
  /** The first pages, until they are enough to tell the frame of the site from its text. */
  #sample: ReadOutcome[] | undefined = [];
  #sampleLength = 0;
  /** The pages of this reading, by the hashes of their texts. */
  readonly #addresses = new Map<string, string>();
  #isDatabaseFull = false;
  #isSourceGone = false;

  constructor(deps: PageTextsDeps) {
    this.#deps = deps;
  }

  /** Why some texts were not stored, as a sentence for the owner. */
  get problem(): string | undefined {
    if (this.#isDatabaseFull) return DATABASE_FULL;
    return this.counts.refused > 0 ? NO_ROOM : undefined;
  }

  /** Whether the owner has removed the source meanwhile. */
  get isSourceGone(): boolean {
    return this.#isSourceGone;
  }

  async take(page: ReadOutcome): Promise<void> {
    this.#repeated.count(page.document);
    if (this.#sample === undefined) return this.#store(page);
    this.#sample.push(page);
    this.#sampleLength += page.document.parts.reduce((sum, { text }) => sum + text.length, 0);
    const isEnough = this.#sample.length >= SAMPLE_PAGES || this.#sampleLength >= SAMPLE_LENGTH;
    if (isEnough) await this.finish();
  }

  /** The text of a page is as it was. */
  async keep(address: string, isAsked: boolean): Promise<void> {
    const { store, now } = this.#deps;
    this.counts.unchanged++;
    const known = await store.findDocument(address);
    if (known?.hash !== undefined) this.#addresses.set(known.hash, address);
    // The validators are those that the page has already.
    if (known && isAsked) await store.touchDocument(address, { ...known, at: now() });
  }

  /** Stores what is still held. Call it when there are no more pages. */
  async finish(): Promise<void> {
    const sample = this.#sample ?? [];
    this.#sample = undefined;
    for (const page of sample) await this.#store(page);
  }

  async #store({ address, etag, lastModified, document: read }: ReadOutcome): Promise<void> {
    const { store, sourceId, now, onTwin } = this.#deps;
    const document = this.#repeated.without(read);
    const hash = textHash(document);
    const twin = this.#twinOf(address, hash);
    if (twin !== undefined) return onTwin(address, twin);
    if (!(await this.#hasRoomFor(address, hash))) {
      this.#isDatabaseFull = true;
      return this.#refuse(address, DATABASE_FULL);
    }
    const page = { sourceId, address, document, hash, etag, lastModified, at: now() };
    const outcome = await storePage(store, page);
    if (outcome === "full") await this.#refuse(address, NO_ROOM_FOR_PAGE);
    else if (outcome === "gone") this.#isSourceGone = true;
    else this.counts[outcome]++;
  }

  async #refuse(uri: string, reason: string): Promise<void> {
    const { store, sourceId, now } = this.#deps;
    this.counts.refused++;
    const about = { sourceId, uri, isMissing: false, at: now() };
    await store.noteDocument({ ...about, status: "skipped", reason });
  }

  /** The page of this reading that has the same text. Two of them would stand under one answer. */
  #twinOf(address: string, hash: string): string | undefined {
    const twin = this.#addresses.get(hash);
    if (twin === undefined) this.#addresses.set(hash, address);
    return twin === address ? undefined : twin;
  }

  /** A text that is there already needs no room. */
  async #hasRoomFor(address: string, hash: string): Promise<boolean> {
    const { store, hasRoom } = this.#deps;
    return (await hasRoom()) || (await store.findDocument(address))?.hash === hash;
  }
}

const NO_ROOM_FOR_PAGE = "There is no room for it: the bot knows as much as can be searched.";
const NO_ROOM =
  "There is no room for some pages: the bot knows as much as can be searched. Remove a source, or read less of this one.";
