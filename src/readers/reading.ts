import type { ReadDocument } from "../text/document.ts";

/** What a reader makes of one text. The reasons are sentences for the owner. */
export type Reading = { readonly kind: "read"; readonly document: ReadDocument } | NoReading;

/** `empty`: it was understood and holds no text. `unreadable`: it was not understood. */
export interface NoReading {
  readonly kind: "empty" | "unreadable";
  readonly reason: string;
}

export const NO_TEXT: NoReading = { kind: "empty", reason: "There is no text in it." };

/** A document with text, or the reason why there is none. */
export function readingOf(document: ReadDocument, reason: NoReading = NO_TEXT): Reading {
  return document.parts.length === 0 ? reason : { kind: "read", document };
}
