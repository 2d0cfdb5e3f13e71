/** Whether something in a text was replaced by "•" (redaction). Two of them, or one in an address: lists have one alone. */
export function isMasked(text: string): boolean {
  return /•[•@.]/.test(text);
}
