import { createMask, UNSEEN } from "./safe-text.ts";

const MAX_LENGTH = 300;

/** Another server's text, made safe for one line of a terminal: short, nothing invisible, our secrets masked. */
export function quote(text: string, secrets: readonly string[]): string {
  const clean = text.toWellFormed().replaceAll(UNSEEN, " ").replaceAll(/\s+/g, " ").trim();
  const masked = createMask(secrets)(clean);
  return masked.length > MAX_LENGTH
    ? `“${masked.slice(0, MAX_LENGTH).toWellFormed()}…”`
    : `“${masked}”`;
}
