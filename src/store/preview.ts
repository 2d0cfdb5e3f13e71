/** Characters of a message shown in a list. */
const PREVIEW_LENGTH = 200;

/** The beginning of a message, in whole characters. */
export function preview(content: string): string {
  return content.slice(0, PREVIEW_LENGTH).toWellFormed();
}
