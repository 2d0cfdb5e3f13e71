/**
 * Characters that no reader of the page sees and that a model would read: controls, soft hyphens, zero-width signs,
 * marks that turn the direction of text, tags and variation selectors that can spell hidden words. The joiners
 * U+200C and U+200D stay, because Persian and Hindi need them.
 */
const UNSEEN =
  /(?![\t\n])\p{Cc}|[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Removes what nobody sees, and makes every end of a line a `\n`. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|[\f\u2028\u2029]/g, "\n")
    .replace(UNSEEN, "")
    .toWellFormed();
}

/** One line of it, such as a heading or a title, no longer than `maxLength` characters. */
export function cleanLine(text: string, maxLength = MAX_LINE): string {
  const line = cleanText(text).replaceAll(/\s+/g, " ").trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).toWellFormed()}…`;
}

/** The text without spaces at the ends of its lines, and without empty lines but for one between two paragraphs. */
export function tidyLines(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replace(/^\n+/, "")
    .trimEnd();
}

/** A heading that is longer is a paragraph in the wrong clothes. */
const MAX_LINE = 300;
