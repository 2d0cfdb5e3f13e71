import { createMask, UNSEEN } from "../runtime/safe-text.ts";

const MAX_SAID_LENGTH = 200;

/** Returns a function that makes a receiver's own words fit for people: in one line, cut, and without these secrets. */
export function createReceiversWords(secrets: readonly string[]): (text: string) => string {
  const mask = createMask(secrets);
  return (text) => cut(mask(text.replaceAll(UNSEEN, " ").replaceAll(/\s+/g, " ").trim()));
}

function cut(line: string): string {
  return line.length > MAX_SAID_LENGTH ? `${line.slice(0, MAX_SAID_LENGTH).toWellFormed()}…` : line;
}
