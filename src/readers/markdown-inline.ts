import { decodeEntities } from "./html-entities.ts";

/** Code in a line is left as it is. It has at most this many characters, so that no text makes reading slow. */
const CODE = /(?<!`)(`{1,8})(?!`)([^]{1,1000}?)(?<!`)\1(?!`)/g;
/** Stands for a piece of code. The texts have no NUL otherwise. */
const KEPT = /\0(\d{1,9})\0/g;

const DEFINITION = /^ {0,3}\[(?!\^)([^[\]\n]{1,300})\]:(.*)$/gm;
const MAX_TARGET = 2000;
const MAX_TARGET_TITLE = 500;
const IMAGE =
  /!\[([^[\]]{0,1000})\](?:\((?:[^()\n]|\([^()\n]{0,500}\)){0,2000}\)|\[[^[\]\n]{0,300}\])?/g;
const LINK = /\[([^[\]]{1,1000})\]\(\s{0,9}((?:[^()\n]|\([^()\n]{0,500}\)){0,2000})\)/g;
const REFERENCE = /\[([^[\]]{1,1000})\]\[([^[\]\n]{0,300})\]/g;
const SHORTCUT = /\[([^[\]\n]{1,300})\]/g;
const WIKI_LINK = /\[\[([^[\]|\n]{1,300})(?:\|([^[\]\n]{1,300}))?\]\]/g;
const FOOTNOTE = /\[\^[^[\]\s]{1,100}\](:?)/g;
const AUTOLINK = /<((?:https?:\/\/|mailto:)[^<>\s]{1,2000}|[^<>\s@]{1,100}@[^<>\s@]{1,200})>/g;
const BREAK = /<br\s{0,9}\/?>/gi;
const TAG = /<\/?[a-zA-Z][^<>]{0,2000}>/g;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;

/** The names of the link targets that a text defines, in lower case. */
export function definedLinks(text: string): ReadonlySet<string> {
  const found = text.matchAll(DEFINITION).filter(([, , target]) => isTarget(target));
  return new Set(Array.from(found, ([, name = ""]) => name.trim().toLowerCase()));
}

/** Whether what stands behind a name and a colon can be an address with a title. A longer text is a paragraph. */
function isTarget(text = ""): boolean {
  const whole = text.replace(/^[ \t]+/, "");
  const [address = ""] = /^\S*/.exec(whole) ?? [];
  return whole.length - Math.min(address.length, MAX_TARGET) <= MAX_TARGET_TITLE;
}

/** Prose without the marks of links, images, HTML and JSX. Emphasis stays: it harms nobody. */
export function plainProse(markdown: string, defined: ReadonlySet<string>): string {
  const kept: string[] = [];
  const coded = markdown.replaceAll(CODE, (code) => `\0${kept.push(code) - 1}\0`);
  const text = without("{/*", "*/}", without("<!--", "-->", coded))
    .replaceAll(DEFINITION, (line, _name, target: string) => (isTarget(target) ? "" : line))
    .replaceAll(AUTOLINK, "$1")
    .replaceAll(BREAK, "\n")
    .replaceAll(TAG, "")
    .replaceAll(WIKI_LINK, (_link, page: string, shown?: string) => shown ?? page)
    .replaceAll(FOOTNOTE, (_mark, colon: string) => colon && "")
    .replaceAll(IMAGE, "$1")
    .replaceAll(LINK, (_link, shown: string, target: string) => shown + contactIn(target, shown))
    .replaceAll(REFERENCE, (link, shown: string, name: string) =>
      defined.has((name || shown).trim().toLowerCase()) ? shown : link,
    )
    .replaceAll(SHORTCUT, (link, name: string) =>
      defined.has(name.trim().toLowerCase()) ? name : link,
    )
    .replaceAll(ESCAPED, "$1");
  return decodeEntities(text).replaceAll(KEPT, (_mark, index: string) => kept[Number(index)] ?? "");
}

/** A mail address or a telephone number is what the reader wants of the link to it. */
function contactIn(target: string, shown: string): string {
  const contact = /^(?:mailto|tel):([^?\s]{3,100})/i.exec(target)?.[1];
  return contact === undefined || shown.includes(contact) ? "" : ` (${contact})`;
}

/** Leaves comments out. One that does not end is text. */
function without(opening: string, closing: string, text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf(opening, at);
    const end = begin === -1 ? -1 : text.indexOf(closing, begin + opening.length);
    if (end === -1) return kept.join("") + text.slice(at);
    kept.push(text.slice(at, begin));
    at = end + closing.length;
  }
}
