/** Control characters, and what has no shape of its own: a terminal obeys some of them, others turn a text around. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MAX_LENGTH = 500;

/** One line that is safe to show on a terminal, whoever wrote it. Longer than 500 characters, it is cut. */
export function printable(text: string): string {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return shown.toWellFormed().replaceAll(UNPRINTABLE, codePoint);
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
