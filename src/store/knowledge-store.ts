import type { Section } from "../text/document.ts";
import type { VectorStore } from "./vector-store.ts";

/*
 * What the owner's bot knows. A source is what the owner has named: a website, one page, files or his notes. It has
 * documents, and each document is cut into sections, which are searched. Times are milliseconds since the epoch.
 */

export const SOURCE_KINDS = ["site", "page", "files", "notes"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** The uri of the one source that has the notes which the owner types. */
export const NOTES_URI = "notes:";
/** The uri of the one source that has the answers which the owner writes to visitors' questions. */
export const ANSWERS_URI = "answers:";

export interface NewSource {
  readonly kind: SourceKind;
  /** An https or http address, the name of a file or folder, NOTES_URI or ANSWERS_URI. Each is there once. */
  readonly uri: string;
  /** Hours between two readings. `default`: as the settings say. Undefined: it is read only when asked for. */
  readonly everyHours: number | "default" | undefined;
  /** Only addresses that begin with this are read. Undefined: those under the site's own address. */
  readonly only: string | undefined;
  /** The owner says that the robots.txt of his own website does not count. */
  readonly ignoresRobots: boolean;
  readonly createdAt: number;
  /** When it is to be read. Undefined: somebody else reads it, such as the command line. */
  readonly nextAt: number | undefined;
}

export interface KnowledgeSource extends NewSource {
  readonly id: number;
  /** When the last reading began and ended. A later beginning than end: it is under way or was cut off. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Why the last reading could not be done, as a sentence for the owner. */
  readonly error: string | undefined;
}

/** A source with what it has. */
export interface SourceSummary extends KnowledgeSource {
  /** How many documents there are of each status. */
  readonly documents: Readonly<Record<DocumentStatus, number>>;
  readonly sections: number;
  readonly words: number;
  /** When a document changed last. */
  readonly changedAt: number | undefined;
}

/**
 * `ok`: its sections are searched. `failed`, `empty`, `skipped`: see the reason; a document that was once `ok` and
 * fails later stays `ok`, with the reason and its last good text. `off`: the owner does not want it.
 */
export const DOCUMENT_STATUSES = ["ok", "failed", "empty", "skipped", "off"] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

export interface KnowledgeDocument {
  readonly id: number;
  readonly sourceId: number;
  /** The address that visitors can open, the name of a file, or `note:` or `answer:` and an id. Each is there once. */
  readonly uri: string;
  readonly title: string;
  readonly lang: string | undefined;
  readonly status: DocumentStatus;
  /** Why there is no text or no newer one, as a sentence for the owner. */
  readonly reason: string | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Of the text that was read. Equal: nothing has changed. */
  readonly hash: string | undefined;
  readonly sections: number;
  /** Counted as the index counts words, so that Chinese and Thai have words, too. */
  readonly words: number;
  /** How many readings in a row have not found it. */
  readonly misses: number;
  readonly checkedAt: number;
  readonly changedAt: number;
}

export interface NewDocument {
  readonly sourceId: number;
  readonly uri: string;
  readonly title: string;
  readonly lang: string | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly hash: string;
  readonly sections: readonly Section[];
  /** What the owner typed, to be edited later. Notes only. */
  readonly original?: string | undefined;
  readonly at: number;
}

/** What becomes of a document that is put. */
export type PutOutcome =
  /** Its old sections are gone, and the new ones are found from the next question on. */
  | "stored"
  /** The same text was there. */
  | "unchanged"
  /** There would be more than MAX_SECTIONS. What was there of this document stays. */
  | "full"
  /** Its source was removed meanwhile. Nothing is stored. */
  | "gone";

/** What a reading finds out about a document without reading new text. */
export interface DocumentNote {
  readonly sourceId: number;
  readonly uri: string;
  /** Stored for a document that has no text. One that has text stays `ok`. */
  readonly status: Exclude<DocumentStatus, "ok" | "off">;
  readonly reason: string;
  /** Whether the page was not there any more. The misses in a row are counted. */
  readonly isMissing: boolean;
  readonly at: number;
}

export interface DocumentFilter {
  readonly sourceId?: number | undefined;
  readonly status?: DocumentStatus | undefined;
  /** A part of the title or of the uri, in any case. */
  readonly search?: string | undefined;
  readonly limit: number;
  /** Only documents after the one with this id. They are ordered by id. */
  readonly afterId?: number | undefined;
}

export interface DocumentPage {
  readonly documents: readonly KnowledgeDocument[];
  readonly total: number;
}

/** A section with what its source link is made of. */
export interface StoredSection extends Section {
  readonly id: number;
  readonly documentId: number;
  /** The place in its document, from 0. */
  readonly position: number;
  readonly uri: string;
  readonly title: string;
}

/** One text of a search. A follow-up question is searched with the question before it, which counts less. */
export interface SearchText {
  readonly text: string;
  readonly weight: number;
  /** How many entries of the index may be read for it: the bound of a search's time. */
  readonly maxPostings: number;
}

export interface RankedSection {
  readonly id: number;
  readonly score: number;
}

/** What is kept, also of documents that are `off`. */
export interface KnowledgeSize {
  /** Those that have sections. */
  readonly documents: number;
  readonly sections: number;
  readonly words: number;
}

/** How many sections are kept. */
export const MAX_SECTIONS = 50_000;
/** How many sections of one document. */
export const MAX_DOCUMENT_SECTIONS = 400;
/** How many sections a search returns at most. */
export const MAX_FOUND = 200;

/** What the owner has named to be read. */
export interface SourceStore {
  /** All of them, the oldest first. */
  listSources(): Promise<readonly SourceSummary[]>;
  findSource(id: number): Promise<KnowledgeSource | undefined>;
  /** Returns the new source, or the one that is there with this uri. */
  addSource(
    source: NewSource,
  ): Promise<{ readonly isNew: boolean; readonly source: KnowledgeSource }>;
  changeSource(
    id: number,
    change: Partial<Pick<NewSource, "everyHours" | "only" | "ignoresRobots" | "nextAt">>,
  ): Promise<void>;

  /**
   * Gives the source that is due longest to one reader: nobody else gets it until then, or until it is ended.
   * Undefined: none is due.
   */
  claimSource(claim: SourceClaim): Promise<KnowledgeSource | undefined>;
  /** Keeps a claimed source for longer. Returns false when it was removed or somebody else has it. */
  keepSource(id: number, claim: SourceClaim): Promise<boolean>;
  /** The reading has ended. */
  endSource(id: number, end: SourceEnd): Promise<void>;
}

/** The documents and their sections: all but what changes the sections. */
export interface DocumentStore {
  listDocuments(filter: DocumentFilter): Promise<DocumentPage>;
  findDocument(uri: string): Promise<KnowledgeDocument | undefined>;
  /** What the owner typed. Notes only. */
  findOriginal(documentId: number): Promise<string | undefined>;
  /** It was looked at, and has not changed. Also brings the headers of the last answer. */
  touchDocument(
    uri: string,
    touch: Pick<NewDocument, "etag" | "lastModified" | "at">,
  ): Promise<void>;
  noteDocument(note: DocumentNote): Promise<void>;
  /** The sections in the order of the given ids; those that are gone meanwhile are left out. */
  readSections(ids: readonly number[]): Promise<readonly StoredSection[]>;
  /** The sections of a document, in their order. */
  sectionsOf(documentId: number): Promise<readonly StoredSection[]>;
}

/** What changes the sections that are searched. */
export interface SectionChanges {
  /** Stores a document in place of the one with the same uri. One that is `off` stays off, with the new text. */
  putDocument(document: NewDocument): Promise<PutOutcome>;
  /** Takes a document out of the search, or puts it back. Returns false when it does not exist. */
  switchDocument(id: number, isOff: boolean): Promise<boolean>;
  /** Nothing of it is found any more when this resolves. Returns false when it did not exist. */
  removeDocument(id: number): Promise<boolean>;
  /** Removes a source with its documents, in short steps. Nothing of it is found from the first step on. */
  removeSource(id: number): Promise<boolean>;
}

/** Sources, their documents, and the search in them. */
export interface KnowledgeStore extends SourceStore, DocumentStore, SectionChanges, VectorStore {
  /** Every question may ask for it: it costs next to nothing. Another replica's change counts after a second. */
  knowledgeSize(): Promise<KnowledgeSize>;
  /** How much of the index is there, from 0 to 1. Less than 1: some sections are not found yet. */
  knowledgeBuiltShare(): Promise<number>;
  /** The best sections for the texts together, the best first, at most MAX_FOUND. Empty: nothing fits. */
  searchKnowledge(texts: readonly SearchText[]): Promise<readonly RankedSection[]>;
  /**
   * Does a little of what the index needs: what was deleted leaves the file, and another version of the word
   * analysis makes the index anew. Call it until it is done.
   */
  tendKnowledge(): Promise<{ readonly isDone: boolean }>;
}

export interface SourceClaim {
  readonly owner: string;
  /** Only this source is wanted, due or not. */
  readonly sourceId?: number | undefined;
  readonly now: number;
  readonly until: number;
}

export interface SourceEnd {
  readonly owner: string;
  readonly at: number;
  readonly error: string | undefined;
  /** When it is to be read again. */
  readonly nextAt: number | undefined;
}
