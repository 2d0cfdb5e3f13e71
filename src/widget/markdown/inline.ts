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
  return tidy(new InlineParser(text, context, endsOpen).parse());
}

class InlineParser {
  readonly #text: string;
  readonly #context: InlineContext;
  readonly #endsOpen: boolean;
  readonly #items: Item[] = [];
  readonly #brackets: Bracket[] = [];
  /** Brackets that are further out than this stand around a link, and so are none themselves. */
  #outer = 0;
  /** Lengths of runs of backticks that nothing after here ends. */
  readonly #open = new Set<number>();
  #at = 0;

  constructor(text: string, context: InlineContext, endsOpen: boolean) {
    this.#text = text;
    this.#context = context;
    this.#endsOpen = endsOpen;
  }

  parse(): MarkdownNode[] {
    const { length } = this.#text;
    while (this.#at < length) {
      const plain = this.#take(PLAIN);
      if (plain) this.#items.push(plain[0]);
      else this.#special(this.#text.charAt(this.#at));
    }
    this.#openLabel();
    return resolveEmphasis(this.#items, this.#endsOpen);
  }

  /** Leaves out the bracket of a link whose text is still being written. */
  #openLabel(): void {
    const bracket = this.#brackets.at(-1);
    if (!this.#endsOpen || !bracket) return;
    const isLabel = /^(?![\d\s^])[^\n]*$/.test(this.#text.slice(bracket.from));
    if (isLabel) this.#items[bracket.item] = "";
  }

  /** What the pattern finds here. The text after it is next. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }

  #special(character: string): void {
    if (character === "`") this.#code();
    else if (character === "[") this.#openBracket(false);
    else if (character === "!" && this.#text[this.#at + 1] === "[") this.#openBracket(true);
    else if (character === "]") this.#closeBracket();
    else if (character === "<") this.#angle();
    else if (/[*_~]/.test(character)) this.#run();
    else if (character === "\n") this.#lineBreak();
    else if (character === "\\") this.#escape();
    else this.#entity(character);
  }

  #escape(): void {
    const next = this.#text.charAt(this.#at + 1);
    this.#at++;
    if (next === "\n") this.#lineBreak();
    else if (/[!-/:-@[-`{-~]/.test(next)) {
      this.#items.push(next);
      this.#at++;
    } else this.#items.push("\\");
  }

  #entity(character: string): void {
    const entity = this.#take(ENTITY);
    if (!entity) this.#at++;
    this.#items.push(entity ? decodeEntities(entity[0]) : character);
  }

  /** A line ends where the author ends it, also without two blanks. */
  #lineBreak(): void {
    const last = this.#items.at(-1);
    if (typeof last === "string") this.#items[this.#items.length - 1] = last.trimEnd();
    this.#items.push(make("br", []));
    this.#take(/\n\s*/y);
  }

  #code(): void {
    const ticks = this.#take(TICKS)?.[0] ?? "";
    const from = this.#at;
    const end = this.#open.has(ticks.length) ? -1 : this.#findTicks(ticks.length);
    if (end >= 0) {
      this.#items.push(make("code", [codeOf(this.#text.slice(from, end))]));
      this.#at = end + ticks.length;
      return;
    }
    this.#open.add(ticks.length);
    const rest = this.#text.slice(from);
    if (this.#endsOpen && ticks.length === 1 && /\S/.test(rest) && !rest.includes("\n")) {
      this.#items.push(make("code", [rest]));
      this.#at = this.#text.length;
    } else if (rest || !this.#endsOpen) this.#items.push(ticks);
  }

  /** Where a run of this length begins; -1: nowhere. */
  #findTicks(length: number): number {
    const runs = /`+/g;
    runs.lastIndex = this.#at;
    for (let run = runs.exec(this.#text); run; run = runs.exec(this.#text)) {
      if (run[0].length === length) return run.index;
    }
    return -1;
  }

  #run(): void {
    const before = characterBefore(this.#text, this.#at);
    const run = this.#take(RUN)?.[0] ?? "";
    const after = this.#text.slice(this.#at, this.#at + 2).match(/./su)?.[0] ?? "";
    // It may be half. What it ends is ended here in any case.
    if (this.#endsOpen && !after && !run.startsWith("_")) return;
    // Models write a single one for "about", and between numbers.
    const isText = run.startsWith("~") && run.length !== 2;
    this.#items.push(isText ? run : delimiterOf(run, before, after));
  }

  #angle(): void {
    const address = this.#take(AUTOLINK)?.[1];
    if (address !== undefined) {
      const href = safeAddress(address.includes(":") ? address : `mailto:${address}`);
      this.#items.push(href ? { ...make("a", [address]), href } : `<${address}>`);
    } else if (this.#take(LINE_BREAK)) this.#items.push(make("br", []));
    else {
      this.#at++;
      this.#items.push("<");
    }
  }

  #openBracket(isImage: boolean): void {
    const mark = isImage ? "![" : "[";
    this.#at += mark.length;
    this.#brackets.push({ item: this.#items.length, from: this.#at, isImage });
    this.#items.push(mark);
  }

  #closeBracket(): void {
    const bracket = this.#brackets.pop();
    const end = this.#at;
    this.#at++;
    if (!bracket) {
      this.#items.push("]");
      return;
    }
    const label = this.#text.slice(bracket.from, end);
    const isInLink = this.#brackets.length < this.#outer;
    const href = bracket.isImage || !isInLink ? this.#target(label) : undefined;
    this.#outer = Math.min(this.#outer, this.#brackets.length);
    if (href !== undefined) this.#link(bracket, href);
    else if (!this.#cite(bracket, label)) this.#items.push("]");
  }

  /** The address that stands behind a label, or that the label stands for. Empty for one that is still being written. */
  #target(label: string): string | undefined {
    const from = this.#at;
    const written = this.#take(TARGET);
    if (written) {
      const address = safeTarget(written[1] ?? written[2] ?? "");
      if (address === undefined) this.#at = from;
      return address;
    }
    // A number in brackets is seldom one.
    if (this.#endsOpen && /[^\d\s]/.test(label) && this.#take(HALF_TARGET)) return "";
    if (this.#context.definitions.size === 0) return undefined;
    const reference = this.#take(LABEL);
    const address = this.#context.definitions.get(normalizeLabel(reference?.[1] || label));
    if (address === undefined) this.#at = from;
    return address;
  }

  #link({ item, isImage }: Bracket, href: string): void {
    const items = this.#items.splice(item).slice(1);
    const children = mergeTexts(resolveEmphasis(items, false).flatMap(withoutLink));
    const shown = children.length > 0 ? children : [href];
    if (href === "") this.#items.push(...shown);
    else this.#items.push({ ...make("a", shown), href });
    // No link contains another one.
    if (!isImage) this.#outer = this.#brackets.length;
  }

  /** The number of a source. It stays on the line of the word before it. */
  #cite({ item, isImage }: Bracket, label: string): boolean {
    const source = /^[1-9]\d?$/.test(label) ? Number(label) : 0;
    if (isImage || !this.#context.sources.has(source) || this.#text[this.#at] === "(") return false;
    this.#items.length = item;
    const last = this.#items.at(-1);
    if (typeof last === "string") this.#items[item - 1] = last.replace(/ $/, "\u00a0");
    this.#items.push({ ...make("cite", []), source });
    return true;
  }
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
  let texts: string[] = [];
  const flush = () => {
    const text = texts.join("");
    if (text) merged.push(text);
    texts = [];
  };
  for (const node of nodes) {
    if (typeof node === "string") texts.push(node);
    else {
      flush();
      merged.push(node);
    }
  }
  flush();
  return merged;
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
