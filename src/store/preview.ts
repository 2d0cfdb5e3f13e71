import { beginningOf } from "../text/beginning.ts";

/** How many characters of a message a list shows. */
export const PREVIEW_LENGTH = 200;
/** So much of a text is read where its preview is shown without Markdown, whose signs and links take some of it. */
export const PREVIEW_SOURCE_LENGTH = 1000;

/** The beginning of a message, without half a character at its end. */
export function preview(content: string): string {
  return beginningOf(content, PREVIEW_LENGTH).toWellFormed();
}
