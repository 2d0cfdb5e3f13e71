import type { ReadDocument } from "../text/document.ts";

/** Of the text as it was read, not of the bytes: many pages have a new token or time in them at every answer. */
export function textHash({ title, lang, parts }: ReadDocument): string {
  const texts = parts.map(({ path, anchor, text }) => [path, anchor, text]);
  return new Bun.CryptoHasher("sha256")
    .update(JSON.stringify([title, lang, texts]))
    .digest("base64url");
}
