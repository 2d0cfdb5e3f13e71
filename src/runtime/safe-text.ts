/** Stands for a secret that was masked. */
export const MASK = "[redacted]";
/** Masking a secret of one letter would mask that letter in every line, and show which letter it is. */
const MIN_MASKED_LENGTH = 4;

/**
 * Characters that nobody sees but that a terminal obeys: controls (those of C1 too, which begin an escape
 * sequence with one character), marks that reverse the direction of text, invisible signs, and line ends.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text in one line, without what nobody sees. */
export function oneLine(text: string): string {
  return text.replaceAll(UNSEEN, " ").replaceAll(/\s+/g, " ").trim();
}

/** The text, or so much of its beginning and an ellipsis, without half a character before that. */
export function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength).toWellFormed()}…` : text;
}

/** Returns a function that masks the secrets in a line, both as they are and as JSON escapes them. */
export function createMask(secrets: readonly string[]): (line: string) => string {
  const written = secrets
    .filter((secret) => secret.length >= MIN_MASKED_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    // The longest first, because one secret may contain another.
    .toSorted((left, right) => right.length - left.length);
  return (line) => written.reduce((masked, secret) => masked.replaceAll(secret, MASK), line);
}
