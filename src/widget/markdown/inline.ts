import { findAddresses, safeAddress, safeTarget } from "./address.ts";
import { delimiterOf, type Item, resolveEmphasis } from "./emphasis.ts";
import { decodeEntities } from "./entities.ts";
import { make, type MarkdownElement, type MarkdownNode } from "./tree.ts";

export interface InlineContext {
  /** The addresses that labels stand for: `[label]: https://…` */
  readonly definitions: ReadonlyMap<string, string>;
  /** The numbers that name a source, as in [1]. */
  readonly sources: Pick<ReadonlySet<number>, "has">;
}

/** A `[` or `![` that may turn out to begin a link. */
interface Bracket {
  /** Of the item that is its text. */
  readonly item: number;
  /** Where its content begins in the text. */
  readonly from: number;
  readonly isImage: boolean;
}

const PLAIN = /[^\\`*_~[\]!<&\n]+/y;
const RUN = /([*_~])\1*/y;
const TICKS = /`+/y;
const ENTITY = /&#?\w{1,10};/y;
const LINE_BREAK = /<br ?\/?>/iy;
const AUTOLINK =
  /<((?:https?:\/\/|mailto:|tel:)[^\s<>]{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)>/iy;
/** What follows the label of a link: its address in parentheses, and a title, which is not shown. */
const TARGET =
  /\(\s*(?:<((?:[^<>\n\\]|\\.){0,2000})>|((?:[^\s()<\\]|\\.|\((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*\))(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*\))*)?)(?:\s+(?:"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)))?\s*\)/y;
/** The address of a link that is still being written. */
const HALF_TARGET = /\(\s*<?[^\s()<>]*>?(?:\s+(?:["'(][^\n)]*)?)?$|$/y;
const LABEL = /\[((?:[^\\[\]]|\\[^]){0,999})\]/y;

/**
 * Reads the marks within a paragraph, a heading or a cell (CommonMark 6, GFM 6.5 and 6.9).
 * @param endsOpen whether more of the text is to come, so that what has begun at its end is shown as if it had ended
 */
export function parseInline(
  text: string,
  context: InlineContext,
  endsOpen: boolean,
): MarkdownNode[] {
  const items: Item[] = [];
  const brackets: Bracket[] = [];
  /** Brackets that are further out than this stand around a link, and so are none themselves. */
  let outer = 0;
  /** Lengths of runs of backticks that nothing after here ends. */
  const open = new Set<number>();
  let at = 0;

  /** Leaves out the bracket of a link whose text is still being written. */
  function endLabel(): void {
    const bracket = brackets.at(-1);
    if (!endsOpen || !bracket) return;
    const isLabel = /^(?![\d\s^])[^\n]*$/.test(text.slice(bracket.from));
    if (isLabel) items[bracket.item] = "";
  }

  /** What the pattern finds here. The text after it is next. */
  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) return undefined;
    at = pattern.lastIndex;
    return found;
  }

  function readSpecial(character: string): void {
    if (character === "`") readCode();
    else if (character === "[") openBracket(false);
    else if (character === "!" && text[at + 1] === "[") openBracket(true);
    else if (character === "]") closeBracket();
    else if (character === "<") readAngle();
    else if (/[*_~]/.test(character)) readRun();
    else if (character === "\n") readLineBreak();
    else if (character === "\\") readEscape();
    else readEntity(character);
  }

  function readEscape(): void {
    const next = text.charAt(at + 1);
    at++;
    if (next === "\n") readLineBreak();
    else if (/[!-/:-@[-`{-~]/.test(next)) {
      items.push(next);
      at++;
    } else items.push("\\");
  }

  function readEntity(character: string): void {
    const entity = take(ENTITY);
    if (!entity) at++;
    items.push(entity ? decodeEntities(entity[0]) : character);
  }

  /** A line ends where the author ends it, also without two blanks. */
  function readLineBreak(): void {
    const last = items.at(-1);
    if (typeof last === "string") items[items.length - 1] = last.trimEnd();
    items.push(make("br", []));
    take(/\n\s*/y);
  }

  function readCode(): void {
    const ticks = take(TICKS)?.[0] ?? "";
    const from = at;
    const end = open.has(ticks.length) ? -1 : findTicks(ticks.length);
    if (end >= 0) {
      items.push(make("code", [codeOf(text.slice(from, end))]));
      at = end + ticks.length;
      return;
    }
    open.add(ticks.length);
    const rest = text.slice(from);
    if (endsOpen && ticks.length === 1 && /\S/.test(rest) && !rest.includes("\n")) {
      items.push(make("code", [rest]));
      at = text.length;
    } else if (rest || !endsOpen) items.push(ticks);
  }

  /** Where a run of this length begins; -1: nowhere. */
  function findTicks(length: number): number {
    for (const { 0: run, index } of text.slice(at).matchAll(/`+/g)) {
      if (run.length === length) return at + index;
    }
    return -1;
  }

  function readRun(): void {
    const before = characterBefore(text, at);
    const run = take(RUN)?.[0] ?? "";
    const after = text.slice(at, at + 2).match(/./su)?.[0] ?? "";
    // It may be half. What it ends is ended here in any case.
    if (endsOpen && !after && !run.startsWith("_")) return;
    // Models write a single one for "about", and between numbers.
    const isText = run.startsWith("~") && run.length !== 2;
    items.push(isText ? run : delimiterOf(run, before, after));
  }

  function readAngle(): void {
    const address = take(AUTOLINK)?.[1];
    if (address !== undefined) {
      const href = safeAddress(address.includes(":") ? address : `mailto:${address}`);
      items.push(href ? { ...make("a", [address]), href } : `<${address}>`);
    } else if (take(LINE_BREAK)) items.push(make("br", []));
    else {
      at++;
      items.push("<");
    }
  }

  function openBracket(isImage: boolean): void {
    const mark = isImage ? "![" : "[";
    at += mark.length;
    brackets.push({ item: items.length, from: at, isImage });
    items.push(mark);
  }

  function closeBracket(): void {
    const bracket = brackets.pop();
    const end = at;
    at++;
    if (!bracket) {
      items.push("]");
      return;
    }
    const label = text.slice(bracket.from, end);
    const isInLink = brackets.length < outer;
    const href = bracket.isImage || !isInLink ? readTarget(label) : undefined;
    outer = Math.min(outer, brackets.length);
    if (href !== undefined) addLink(bracket, href);
    else if (!addMark(bracket, label)) items.push("]");
  }

  /** The address that stands behind a label, or that the label stands for. Empty for one that is still being written. */
  function readTarget(label: string): string | undefined {
    const from = at;
    const written = take(TARGET);
    if (written) {
      const address = safeTarget(written[1] ?? written[2] ?? "");
      if (address === undefined) at = from;
      return address;
    }
    // A number in brackets is seldom one.
    if (endsOpen && /[^\d\s]/.test(label) && take(HALF_TARGET)) return "";
    if (context.definitions.size === 0) return undefined;
    const reference = take(LABEL);
    const address = context.definitions.get(normalizeLabel(reference?.[1] || label));
    if (address === undefined) at = from;
    return address;
  }

  function addLink({ item, isImage }: Bracket, href: string): void {
    const label = items.splice(item).slice(1);
    const children = mergeTexts(resolveEmphasis(label, false).flatMap(withoutLink));
    const shown = children.length > 0 ? children : [href];
    if (href === "") items.push(...shown);
    else items.push({ ...make("a", shown), href });
    // No link contains another one.
    if (!isImage) outer = brackets.length;
  }

  /** The number of a source. It stays on the line of the word before it. */
  function addMark({ item, isImage }: Bracket, label: string): boolean {
    const source = /^[1-9]\d?$/.test(label) ? Number(label) : 0;
    if (isImage || !context.sources.has(source) || text[at] === "(") return false;
    items.length = item;
    const last = items.at(-1);
    if (typeof last === "string") items[item - 1] = last.replace(/ $/, "\u00a0");
    items.push({ ...make("cite", []), source });
    return true;
  }

  while (at < text.length) {
    const plain = take(PLAIN);
    if (plain) items.push(plain[0]);
    else readSpecial(text.charAt(at));
  }
  endLabel();
  return tidy(resolveEmphasis(items, endsOpen));
}

function characterBefore(text: string, at: number): string {
  return text.slice(Math.max(0, at - 2), at).match(/.$/su)?.[0] ?? "";
}

/** CommonMark 6.1: a line end is a blank, and one blank at either end belongs to the marks. */
function codeOf(written: string): string {
  const code = written.replace(/\n/g, " ");
  return /^ .*[^ ].* $/.test(code) ? code.slice(1, -1) : code;
}

/** Labels are the same in capitals, and with more or less white space. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase();
}

/** Of a link in a label, as an image is one, its text is shown. */
function withoutLink(node: MarkdownNode): MarkdownNode | readonly MarkdownNode[] {
  if (typeof node === "string") return node;
  const children = node.children.flatMap(withoutLink);
  return node.tag === "a" ? children : { ...node, children };
}

/** Joins texts that stand side by side, and makes links of the addresses in them. */
function tidy(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  return mergeTexts(nodes).flatMap((node): MarkdownNode | MarkdownNode[] => {
    if (typeof node === "string") return linkAddresses(node);
    if (!/^(?:strong|em|del)$/.test(node.tag)) return node;
    return { ...node, children: tidy(node.children) };
  });
}

function mergeTexts(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  const merged: MarkdownNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (typeof node !== "string" || typeof last !== "string") merged.push(node);
    else merged[merged.length - 1] = last + node;
  }
  return merged.filter(Boolean);
}

function linkAddresses(text: string): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let end = 0;
  for (const { index, text: shown, href } of findAddresses(text)) {
    const address = safeAddress(href);
    if (address === undefined) continue;
    const link: MarkdownElement = { ...make("a", [shown]), href: address };
    nodes.push(text.slice(end, index), link);
    end = index + shown.length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}
