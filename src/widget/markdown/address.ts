import { decodeEntities } from "./entities.ts";

const SCHEME = /^[a-z][\w+.-]*:/i;
const SAFE_SCHEME = /^(?:https?|mailto|tel):/i;

/**
 * The address of a link, for a browser to resolve against the page. Undefined for what leads to anything but a web page, a
 * mailbox or a telephone, however it is disguised.
 */
export function safeAddress(written: string): string | undefined {
  const address = written.trim();
  // Browsers leave out control characters, so a scheme could hide behind one.
  if (!address || /\p{Cc}/u.test(address)) return undefined;
  if (SCHEME.test(address) && !SAFE_SCHEME.test(address)) return undefined;
  // Of a backslash, browsers would make a slash.
  return address.replace(/[ \\]/g, encodeURIComponent);
}

/** The same for an address in which there may be entities, and backslashes before punctuation. */
export function safeTarget(written: string): string | undefined {
  return safeAddress(decodeEntities(written, true));
}

/** An address that stands in the text as it is. */
const ADDRESS =
  /(?:https?:\/\/|www\.)[^\s<>"|`\u3000-\u303f\uff00-\uff65]{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gi;
/** What stands at its end belongs to the sentence around it. */
const SENTENCE_END = /[?!.,:;*_~'"]+$/;

interface FoundAddress {
  readonly index: number;
  readonly text: string;
  readonly href: string;
}

/** Finds the addresses of web pages and mailboxes in a text. */
export function findAddresses(text: string): FoundAddress[] {
  // Most texts have none, and this is quicker.
  if (!/:\/\/|www\.|@/i.test(text)) return [];
  return [...text.matchAll(ADDRESS)].flatMap(({ 0: all, index }) => {
    const found = withoutEnd(all);
    const isInWord =
      /[\p{L}\p{N}_]/u.test(text.charAt(index - 1)) && !isCjk(text.charAt(index - 1));
    const isMailbox = !/^(?:https?:\/\/|www\.)/i.test(found);
    const isWhole = isMailbox
      ? /[a-z\d]$/i.test(found)
      : /^(?:https?:\/\/|www\.)[\p{L}\p{N}[]/iu.test(found);
    if (isInWord || !isWhole) return [];
    const scheme = isMailbox ? "mailto:" : /^www/i.test(found) ? "http://" : "";
    return { index, text: found, href: scheme + found };
  });
}

/** A closing bracket belongs to the address if that has the opening one. */
function withoutEnd(address: string): string {
  let end = address;
  for (;;) {
    const trimmed = end.replace(SENTENCE_END, "");
    const count = (part: string) => trimmed.split(part).length;
    const isOutside =
      (trimmed.endsWith(")") && count(")") > count("(")) ||
      (trimmed.endsWith("]") && count("]") > count("["));
    end = isOutside ? trimmed.slice(0, -1) : trimmed;
    if (!isOutside) return end;
  }
}

/** Chinese, Japanese and Korean are written without spaces between words. */
export function isCjk(character: string): boolean {
  return /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/.test(character);
}
