import { cleanText, tidyLines } from "./clean-text.ts";
import { type Reading, readingOf } from "./reading.ts";

/** Reads text without any marks: it is one part. Never throws. */
export function readText(text: string): Reading {
  const tidy = tidyLines(cleanText(text));
  const parts = tidy === "" ? [] : [{ path: [], anchor: "", text: tidy }];
  return readingOf({ title: "", lang: undefined, parts });
}
