import type { RedactedKind } from "../config/redaction.ts";
import { digitOf } from "./characters.ts";
import { type IsOwn, TextRedactor } from "./text-redactor.ts";

/** So many digits tell a phone number: one text has the country before it, the other one does not. */
const PHONE_DIGITS = 7;

/**
 * Says whether something stands in the owner's own texts, so that it is no secret of a visitor. They are read when it is
 * asked for the first time.
 */
export function createIsOwn(texts: readonly string[], kinds: readonly RedactedKind[]): IsOwn {
  let own: ReadonlySet<string> | undefined;
  return (kind, found) => {
    own ??= numbersIn(texts, kinds);
    return own.has(keyOf(kind, found));
  };
}

function numbersIn(texts: readonly string[], kinds: readonly RedactedKind[]): ReadonlySet<string> {
  const keys = new Set<string>();
  const note: IsOwn = (kind, found) => {
    keys.add(keyOf(kind, found));
    return true;
  };
  for (const text of texts) {
    const redactor = new TextRedactor(kinds, { isOwn: note });
    redactor.pass(text);
    redactor.end(true);
  }
  return keys;
}

function keyOf(kind: RedactedKind, found: string): string {
  let key = "";
  for (const character of found) {
    const digit = digitOf(character.codePointAt(0) ?? 0);
    if (digit >= 0) key += String(digit);
    else if (/\p{L}/u.test(character)) key += character.toLowerCase();
    else if (kind === "emails") key += character;
  }
  if (kind === "phones") key = key.slice(-PHONE_DIGITS);
  // The full stop of a sentence.
  return `${kind} ${key.replace(/[^\p{L}\p{N}]+$/u, "")}`;
}
