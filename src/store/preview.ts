/** How many characters of a message a list shows. */
const PREVIEW_LENGTH = 200;

/** The beginning of a message, without half a character at its end. */
export function preview(content: string): string {
  return content.slice(0, PREVIEW_LENGTH).toWellFormed();
}
