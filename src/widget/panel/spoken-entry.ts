import { parseMarkdown } from "../markdown/parse.ts";
import { plainText } from "../markdown/plain-text.ts";
import type { Entry } from "./conversation.ts";
import type { Sentences } from "./sentences.ts";

/** What is said of a message that has ended: its text without marks, and how it ended. Empty: nothing. */
export function spokenEntry({ role, text, status, sources }: Entry, t: Sentences): string {
  const said = role === "user" ? text : plainText(parseMarkdown(text, { sources }));
  const ending = status === "stopped" ? t.stopped : status === "cut" ? t.cut : "";
  return [said, ending].filter(Boolean).join("\n");
}
