import { parseMarkdown } from "../markdown/parse.ts";
import { plainText } from "../markdown/plain-text.ts";
import type { Entry } from "./entry.ts";
import type { Sentences } from "./sentences.ts";

/** How a message ended, if it did so before it was complete. */
export function endingOf({ status }: Entry, t: Sentences): string {
  return status === "stopped" || status === "cut" || status === "limited" ? t[status] : "";
}

/** Who wrote a message, as a heading says it. */
export function nameOf({ role, stored }: Entry, title: string, t: Sentences): string {
  const { name } = Object(stored?.author) as { name?: unknown };
  return `${name ?? (role === "user" ? t.you : title)}`;
}

/**
 * What is said of a message that has ended: how it ended, at once for whoever has stopped it, and its text without marks.
 * Empty: nothing.
 */
export function spokenEntry(entry: Entry, t: Sentences): string {
  const { role, text, sources } = entry;
  const said = role === "user" ? text : plainText(parseMarkdown(text, { sources }));
  return [endingOf(entry, t), said].filter(Boolean).join("\n");
}
