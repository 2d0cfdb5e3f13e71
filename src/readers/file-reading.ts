import type { ReadDocument } from "../text/document.ts";
import type { NoReading, Reading } from "./reading.ts";

/** A document that was found in a file. */
export interface FoundDocument {
  /**
   * Its name within the file: empty for the file itself, a path such as `docs/a.md` in an archive, `#` and a name for
   * a row of a table. Each name is there once.
   */
  readonly name: string;
  /** The http or https address at which visitors find it, if the file says so. */
  readonly address: string | undefined;
  readonly document: ReadDocument;
}

/** A part of a file that is no document. */
export interface Unread {
  /** As of a document. */
  readonly name: string;
  /** A sentence for the owner. */
  readonly reason: string;
}

/** What a reader makes of a file, which may hold many documents. */
export type FileReading =
  | {
      readonly kind: "read";
      readonly documents: readonly FoundDocument[];
      readonly unread: readonly Unread[];
    }
  | NoReading;

/** A file that is one document. */
export function asFile(reading: Reading): FileReading {
  if (reading.kind !== "read") return reading;
  const { document } = reading;
  return { kind: "read", documents: [{ name: "", address: undefined, document }], unread: [] };
}

/** As many documents as a file may hold: more than there can be sections. */
export const MAX_FOUND_DOCUMENTS = 50_000;
