import type { RankedSection, SearchText } from "./knowledge-store.ts";

/** A document as an index has it. */
export interface IndexedDocument {
  readonly id: number;
  readonly title: string;
  readonly sections: readonly {
    readonly id: number;
    readonly heading: string;
    readonly text: string;
  }[];
}

/**
 * An index of this process's own, of documents that a database has. It ranks as the store on SQLite does, and is
 * made anew by every process.
 */
export interface DerivedIndex {
  /** The documents that are in it, with the ids of their sections. */
  readonly documents: ReadonlyMap<number, readonly number[]>;
  /** Puts a document in, in place of the one with its id. Works in short steps. */
  put(document: IndexedDocument): Promise<void>;
  /** Does nothing when it is not there. Works in short steps. */
  remove(documentId: number): Promise<void>;
  search(texts: readonly SearchText[]): Promise<readonly RankedSection[]>;
  /** Does a little of what the index needs. Call it until it is done. */
  tend(): { readonly isDone: boolean };
  close(): void;
}
