import { UNSEEN } from "../runtime/safe-text.ts";

const MAX_LENGTH = 500;

/** Makes any text one line that is safe to show on a terminal, cut at 500 characters. */
export function printable(text: string): string {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return shown.toWellFormed().replaceAll(UNSEEN, codePoint);
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
