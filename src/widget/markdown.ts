/** The elements that an answer can become. There is no image, no raw HTML and no other attribute. */
export type MarkdownTag =
  | "p"
  | "strong"
  | "em"
  | "del"
  | "code"
  | "pre"
  | "ul"
  | "ol"
  | "li"
  | "blockquote"
  | "hr"
  | "br"
  | "a"
  | "table"
  | "thead"
  | "tbody"
  | "tr"
  | "th"
  | "td";

/** Text, or an element with what is in it. */
export type MarkdownNode = string | MarkdownElement;

export interface MarkdownElement {
  readonly tag: MarkdownTag;
  readonly children: readonly MarkdownNode[];
  /** Of a link: http, https, mailto or tel. */
  readonly href?: string;
  /** Of a numbered list: its first number. */
  readonly start?: number;
}

/** One block of an answer and the text it was made from, to tell which blocks a new token changed. */
export interface MarkdownBlock extends MarkdownElement {
  readonly source: string;
}

/** Lists in quotes in lists: deeper ones stay text, so that no answer can exhaust the stack. */
const MAX_DEPTH = 6;

const FENCE = /^ {0,3}(```+|~~~+)[^`]*$/;
const HEADING = /^ {0,3}#{1,6} +(.+?)(?: +#+)? *$/;
const RULE = /^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|(\d{1,9})[.)])(?: +|$)/;
const TABLE_RULE = /^ *\|?(?: *:?-+:? *\|)+ *(?::?-+:? *)?$/;

/**
 * Reads the subset of Markdown that answers use, in time that grows with the length of the text and
 * not faster, whatever it holds. A text that is cut off, as in the middle of an answer, reads well.
 */
export function parseMarkdown(text: string): MarkdownBlock[] {
  return parseBlocks(text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n"), 0);
}

function parseBlocks(lines: readonly string[], depth: number): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      at++;
      continue;
    }
    const [end, block] = readBlock(lines, at, depth);
    blocks.push({ ...block, source: lines.slice(at, end).join("\n") });
    at = end;
  }
  return blocks;
}

/** The block that begins at a line, and the line after it. */
function readBlock(lines: readonly string[], at: number, depth: number): [number, MarkdownElement] {
  const line = lines[at] ?? "";
  const next = lines[at + 1] ?? "";
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) return readFence(lines, at, fence);
  if (RULE.test(line)) return [at + 1, { tag: "hr", children: [] }];
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined) {
    return [at + 1, { tag: "p", children: [{ tag: "strong", children: parseInline(heading) }] }];
  }
  if (line.includes("|") && next.includes("|") && TABLE_RULE.test(next))
    return readTable(lines, at);
  if (depth < MAX_DEPTH) {
    if (QUOTE.test(line)) return readQuote(lines, at, depth);
    if (ITEM.test(line)) return readList(lines, at, depth);
  }
  return readParagraph(lines, at, depth);
}

function readFence(lines: readonly string[], at: number, fence: string): [number, MarkdownElement] {
  let end = at + 1;
  const isClosing = (line: string) => line.trimEnd().replace(/^ {0,3}/, "") === fence;
  while (end < lines.length && !isClosing(lines[end] ?? "")) end++;
  const code = lines.slice(at + 1, end).join("\n");
  return [end + 1, { tag: "pre", children: [{ tag: "code", children: [code] }] }];
}

function readQuote(lines: readonly string[], at: number, depth: number): [number, MarkdownElement] {
  let end = at;
  while (QUOTE.test(lines[end] ?? "")) end++;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [end, { tag: "blockquote", children: parseBlocks(inner, depth + 1).map(withoutSource) }];
}

function readList(lines: readonly string[], at: number, depth: number): [number, MarkdownElement] {
  const [, indent = "", , number] = ITEM.exec(lines[at] ?? "") ?? [];
  const items: string[][] = [];
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? "";
    const item = ITEM.exec(line);
    const [marker = "", spaces = "", , digits] = item ?? [];
    const isItem = item !== null && spaces.length <= indent.length + 1 && !RULE.test(line);
    if (isItem && (digits === undefined) !== (number === undefined)) break;
    if (isItem) items.push([line.slice(marker.length)]);
    else if (
      line.trim() === ""
        ? !continuesList(lines, end + 1, indent.length)
        : endsList(line, indent.length)
    )
      break;
    else items.at(-1)?.push(line.replace(/^ {1,4}/, ""));
  }
  const children = items.map((item): MarkdownElement => {
    const blocks = parseBlocks(item, depth + 1);
    // A plain item is a line, not a paragraph with its distances.
    const parts = blocks.flatMap((block, index) =>
      index === 0 && block.tag === "p" ? block.children : [withoutSource(block)],
    );
    return { tag: "li", children: parts };
  });
  if (number === undefined) return [end, { tag: "ul", children }];
  return [end, { tag: "ol", children, start: Number(number) }];
}

/** A blank line ends a list unless more of it comes right after. */
function continuesList(lines: readonly string[], at: number, indent: number): boolean {
  const line = lines[at] ?? "";
  return line.trim() !== "" && (line.startsWith(" ".repeat(indent + 2)) || ITEM.test(line));
}

function endsList(line: string, indent: number): boolean {
  return !line.startsWith(" ".repeat(indent + 2)) && startsBlock(line);
}

function startsBlock(line: string): boolean {
  return [FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line));
}

function readTable(lines: readonly string[], at: number): [number, MarkdownElement] {
  let end = at + 2;
  while ((lines[end] ?? "").includes("|")) end++;
  const row = (line: string, tag: "th" | "td"): MarkdownElement => ({
    tag: "tr",
    children: cellsOf(line).map((cell) => ({ tag, children: parseInline(cell) })),
  });
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  const head: MarkdownElement = { tag: "thead", children: [row(lines[at] ?? "", "th")] };
  const children: MarkdownElement[] = [head];
  if (body.length > 0) children.push({ tag: "tbody", children: body });
  return [end, { tag: "table", children }];
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\||\|$/g, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(
  lines: readonly string[],
  at: number,
  depth: number,
): [number, MarkdownElement] {
  let end = at + 1;
  const goesOn = (line: string) =>
    line.trim() !== "" && (depth >= MAX_DEPTH ? !FENCE.test(line) : !startsBlock(line));
  while (end < lines.length && goesOn(lines[end] ?? "")) end++;
  const text = lines
    .slice(at, end)
    .map((line) => line.trim())
    .join("\n");
  return [end, { tag: "p", children: parseInline(text) }];
}

function withoutSource({ source: _source, ...node }: MarkdownBlock): MarkdownElement {
  return node;
}

/** `[label](target)`; lengths are bounded, so that no `[` makes the search start over and over. */
const LINK =
  /\[([^[\]\n]{1,500})\]\(\s?<?([^\s()<>]{1,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500})?)>?(?: "[^"\n]{0,200}")?\s?\)/y;
const ADDRESS = /<?(https?:\/\/[^\s<>"|]{1,2000})>?/y;
/** What ends a sentence, not an address. */
const AFTER_ADDRESS = /[.,:;!?'"*_~\])]+$/;
const ALLOWED_TARGET = /^(?:https?:\/\/|mailto:|tel:)[\x21-\x7e\u00a1-\uffff]+$/i;
const MARKS: readonly (readonly [mark: string, tag: MarkdownTag])[] = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "del"],
  ["*", "em"],
  ["_", "em"],
];
const ESCAPED = /\\([!-/:-@[-`{-~])/y;
/** Where something other than text can begin. */
const SPECIAL = /[\\`*_~[<\n]|https?:\/\//g;

function parseInline(text: string, depth = 0): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  /** Marks that close nowhere in what is left: searched for once, not at every place. */
  const unclosed = new Set<string>();
  let plain = "";
  let at = 0;

  function add(node: MarkdownElement, end: number): void {
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(node);
    at = end;
  }

  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
    if (at === text.length) break;
    const found =
      readBreak(text, at) ??
      readCode(text, at, unclosed) ??
      readLink(text, at, depth) ??
      readAddress(text, at) ??
      readMarked(text, at, depth, unclosed);
    if (found) {
      add(found[1], found[0]);
      continue;
    }
    const escaped = match(ESCAPED, text, at)?.[1];
    plain += escaped ?? text.charAt(at);
    at += escaped === undefined ? 1 : 2;
  }
  if (plain) nodes.push(plain);
  return nodes;
}

/** Where it ends, and what it is. */
type Found = [end: number, node: MarkdownElement] | undefined;

/** Chat is not print: a line end is meant as one. */
function readBreak(text: string, at: number): Found {
  return text[at] === "\n" ? [at + 1, { tag: "br", children: [] }] : undefined;
}

function readCode(text: string, at: number, unclosed: Set<string>): Found {
  const [ticks] = match(/`+/y, text, at) ?? [];
  if (ticks === undefined || unclosed.has(ticks)) return undefined;
  const close = text.indexOf(ticks, at + ticks.length);
  if (close === -1) unclosed.add(ticks);
  if (close <= at + ticks.length) return undefined;
  const code = text.slice(at + ticks.length, close).replace(/^ (.+) $/s, "$1");
  return [close + ticks.length, { tag: "code", children: [code] }];
}

function readLink(text: string, at: number, depth: number): Found {
  const [all = "", label = "", target = ""] = match(LINK, text, at) ?? [];
  if (!ALLOWED_TARGET.test(target)) return undefined;
  const children = depth < MAX_DEPTH ? parseLabel(label, depth) : [label];
  return [at + all.length, { tag: "a", href: target, children }];
}

/** A label with its emphasis, but without links: there are none in links. */
function parseLabel(label: string, depth: number): MarkdownNode[] {
  const flatten = (node: MarkdownNode): MarkdownNode[] => {
    if (typeof node === "string") return [node];
    const children = node.children.flatMap(flatten);
    return node.tag === "a" ? children : [{ ...node, children }];
  };
  return parseInline(label, depth + 1).flatMap(flatten);
}

function readAddress(text: string, at: number): Found {
  const [all, address = ""] = match(ADDRESS, text, at) ?? [];
  if (all === undefined) return undefined;
  const isBracketed = all.startsWith("<") && all.endsWith(">");
  if (all.startsWith("<") && !isBracketed) return undefined;
  let href = isBracketed ? address : address.replace(AFTER_ADDRESS, "");
  // A bracket that was opened in the address belongs to it.
  if (href.includes("(") && address[href.length] === ")") href += ")";
  if (!ALLOWED_TARGET.test(href)) return undefined;
  return [at + (isBracketed ? all.length : href.length), { tag: "a", href, children: [href] }];
}

function readMarked(text: string, at: number, depth: number, unclosed: Set<string>): Found {
  if (depth >= MAX_DEPTH) return undefined;
  for (const [mark, tag] of MARKS) {
    if (!text.startsWith(mark, at) || unclosed.has(mark)) continue;
    const start = at + mark.length;
    if (!/\S/.test(text.charAt(start))) continue;
    // snake_case is no emphasis.
    if (mark.startsWith("_") && /\w/.test(text.charAt(at - 1))) continue;
    const close = findClose(text, start, mark);
    if (close === -1) unclosed.add(mark);
    else
      return [
        close + mark.length,
        { tag, children: parseInline(text.slice(start, close), depth + 1) },
      ];
  }
  return undefined;
}

function findClose(text: string, start: number, mark: string): number {
  for (let at = text.indexOf(mark, start + 1); at !== -1; at = text.indexOf(mark, at + 1)) {
    if (!/\S/.test(text.charAt(at - 1)) || text.charAt(at - 1) === "\\") continue;
    if (mark.startsWith("_") && /\w/.test(text.charAt(at + mark.length))) continue;
    // In ***both*** the inner mark closes first, and a single one is not half of a double one.
    const isDouble = mark.length === 1 && text[at + 1] === mark;
    if (isDouble && text[at - 1] !== mark) at++;
    else if (!(mark.length === 1 && text[at - 1] === mark)) {
      return text[at + mark.length] === mark[0] && mark.length === 2 ? at + 1 : at;
    }
  }
  return -1;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
