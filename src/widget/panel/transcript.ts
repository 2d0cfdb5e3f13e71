import { element } from "../element.ts";
import type { Entry } from "./entry.ts";
import type { Moments } from "./moments.ts";
import type { Sentences } from "./sentences.ts";
import { withSources } from "./sources.ts";
import { endingOf, nameOf } from "./spoken-entry.ts";

/** A conversation as a Markdown file: who said what, when, and the sources of the answers. */
export function transcriptOf(
  entries: readonly Entry[],
  title: string,
  t: Sentences,
  moments: Moments,
): string {
  const messages = entries
    .filter(({ text }) => text)
    .flatMap((entry) => [
      `## ${nameOf(entry, title, t)}, ${moments.full(entry.time)}`,
      withSources(entry.text, entry.sources),
      ...[endingOf(entry, t)].filter(Boolean),
    ]);
  return [`# ${title}`, ...messages].join("\n\n") + "\n";
}

/** Gives the visitor a text as a file. */
export function download(name: string, text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  element("a", { href, download: name }).click();
  // Once the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
