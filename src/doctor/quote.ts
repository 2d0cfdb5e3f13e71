const MAX_LENGTH = 300;
/** Control characters, which could change the terminal, and marks that reorder text. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** Masking shorter secrets would mask letters everywhere. */
const MIN_SECRET_LENGTH = 4;

/** Another server's text, made safe for one line of a terminal: short, nothing invisible, our secrets masked. */
export function quote(text: string, secrets: readonly string[]): string {
  const clean = text.toWellFormed().replaceAll(INVISIBLE, " ").replaceAll(/\s+/g, " ").trim();
  const masked = secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .toSorted((left, right) => right.length - left.length)
    .reduce((line, secret) => line.replaceAll(secret, "[redacted]"), clean);
  return masked.length > MAX_LENGTH
    ? `“${masked.slice(0, MAX_LENGTH).toWellFormed()}…”`
    : `“${masked}”`;
}
