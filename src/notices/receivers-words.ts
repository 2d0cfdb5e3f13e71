import { createMask, oneLine, shorten } from "../runtime/safe-text.ts";

const MAX_SAID_LENGTH = 200;

/** Returns a function that makes a receiver's own words fit for people: in one line, cut, and without these secrets. */
export function createReceiversWords(secrets: readonly string[]): (text: string) => string {
  const mask = createMask(secrets);
  return (text) => shorten(mask(oneLine(text)), MAX_SAID_LENGTH);
}
