import { cleanText } from "./clean-text.ts";
import { type Reading, readingOf } from "./reading.ts";

/** Reads text without any marks: it is one part. Never throws. */
export function readText(text: string): Reading {
  const lines = cleanText(text)
    .split("\n")
    .map((line) => line.trimEnd());
  const tidy = lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replace(/^\n+/, "")
    .trimEnd();
  const parts = tidy === "" ? [] : [{ path: [], anchor: "", text: tidy }];
  return readingOf({ title: "", lang: undefined, parts });
}
