import { element } from "../element.ts";

/** Who wrote a message and when, its text, and how it ended if it did so before it was complete. Any may be empty. */
export type TranscriptMessage = readonly [heading: string, text: string, ending: string];

/** Gives the visitor the conversation as a Markdown file. */
export function saveTranscript(title: string, messages: readonly TranscriptMessage[]): void {
  const said = messages.filter(([, text]) => text);
  const parts = said.flatMap(([heading, ...parts]) => [`## ${heading}`, ...parts]);
  const text = [`# ${title}`, ...parts.filter(Boolean)].join("\n\n");
  const day = new Date().toISOString().slice(0, 10);
  const href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/markdown" }));
  element("a", { href, download: `chat-${day}.md` }).click();
  // Once the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
