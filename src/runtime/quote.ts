import { createMask, oneLine, shorten } from "./safe-text.ts";

const MAX_LENGTH = 300;

/** Another server's text, made safe for one line of a terminal: short, nothing invisible, our secrets masked. */
export function quote(text: string, secrets: readonly string[]): string {
  const masked = createMask(secrets)(oneLine(text.toWellFormed()));
  return `“${shorten(masked, MAX_LENGTH)}”`;
}
