/** A passage of a document that is small enough to be given to the model. */
export interface Section {
  /** The headings above it, the outermost first, joined by " › ". Empty before the first heading. */
  readonly heading: string;
  /** The fragment of the document's address at which it stands. Empty when there is none. */
  readonly anchor: string;
  readonly text: string;
}

/** The text under one heading, of any length, as a reader finds it. */
export interface Part {
  /** The headings above it, the outermost first. */
  readonly path: readonly string[];
  readonly anchor: string;
  readonly text: string;
}

/** What a reader finds in a page or a file. */
export interface ReadDocument {
  /** Empty when it has none. */
  readonly title: string;
  /** A BCP 47 tag as the document states it, if it does. */
  readonly lang: string | undefined;
  readonly parts: readonly Part[];
}
