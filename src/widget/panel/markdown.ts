/** The elements that an answer can become. There is no image, no raw HTML and no other attribute. */
type MarkdownTag =
  | "p"
  | "strong"
  | "em"
  | "code"
  | "pre"
  | "ul"
  | "ol"
  | "li"
  | "blockquote"
  | "hr"
  | "br"
  | "a"
  | "cite";

/** Text, or an element with its children. */
export type MarkdownNode = string | MarkdownElement;

export interface MarkdownElement {
  readonly tag: MarkdownTag;
  readonly children: readonly MarkdownNode[];
  /** The address of a link: http, https, mailto or tel. */
  readonly href?: string;
  /** The first number of a numbered list. */
  readonly start?: number;
  /** The number of a source, for `cite`, which source-marks.ts adds. */
  readonly source?: number;
}

/** How deep lists and quotes nest. Deeper ones stay text, so that no answer can exhaust the stack. */
const MAX_DEPTH = 6;

const FENCE = /^ {0,3}(`{3,})[^`]*$/;
const HEADING = /^ {0,3}#{1,6} +(.+)$/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)(?:[-*+]|(\d{1,9})[.)])(?: +|$)/;

/**
 * Reads the subset of Markdown that answers use. The time is linear in the length of any text. A text that
 * is cut off, such as an answer that is still being written, is shown well.
 */
export function parseMarkdown(text: string): MarkdownElement[] {
  return parseBlocks(text.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n"), 0);
}

function make(tag: MarkdownTag, children: readonly MarkdownNode[]): MarkdownElement {
  return { tag, children };
}

function parseBlocks(lines: readonly string[], depth: number): MarkdownElement[] {
  const blocks: MarkdownElement[] = [];
  let at = 0;
  const line = () => lines[at] ?? "";
  const more = () => at < lines.length;

  /** Takes lines as long as the condition holds. */
  function take(holds: () => boolean): string[] {
    const start = at;
    while (more() && holds()) at++;
    return lines.slice(start, at);
  }

  function list(): MarkdownElement {
    const [, indent = "", start] = ITEM.exec(line()) ?? [];
    const items: string[][] = [];
    const inner = " ".repeat(indent.length + 2);
    for (; more(); at++) {
      const item = ITEM.exec(line());
      const next = lines[at + 1] ?? "";
      if (item && (item[1] ?? "").length < indent.length + 2 && !RULE.test(line())) {
        items.push([line().slice(item[0].length)]);
        continue;
      }
      // A blank line ends the list unless the list goes on in the next line. Any other line ends it when it
      // begins another block.
      const isBlank = line().trim() === "";
      if (isBlank ? !next.startsWith(inner) && !ITEM.test(next) : endsHere(inner)) break;
      items.at(-1)?.push(line().replace(/^ {1,4}/, ""));
    }
    const children = items.map((item): MarkdownElement => {
      const [first, ...rest] = parseBlocks(item, depth + 1);
      if (!first) return make("li", []);
      // A plain item is a line, not a paragraph with margins.
      return make("li", [...(first.tag === "p" ? first.children : [first]), ...rest]);
    });
    if (!start) return make("ul", children);
    return { ...make("ol", children), start: Number(start) };
  }

  function endsHere(inner: string): boolean {
    return !line().startsWith(inner) && startsBlock(line());
  }

  function block(): MarkdownElement {
    const fence = FENCE.exec(line())?.[1];
    if (fence) {
      at++;
      const code = take(() => line().trim() !== fence).join("\n");
      at++;
      return make("pre", [make("code", [code])]);
    }
    if (RULE.test(line())) {
      at++;
      return make("hr", []);
    }
    const heading = HEADING.exec(line())?.[1];
    if (heading) {
      at++;
      return make("p", [make("strong", parseInline(heading))]);
    }
    if (depth < MAX_DEPTH && QUOTE.test(line())) {
      const quoted = take(() => QUOTE.test(line())).map((each) => each.replace(QUOTE, ""));
      return make("blockquote", parseBlocks(quoted, depth + 1));
    }
    if (depth < MAX_DEPTH && ITEM.test(line())) return list();
    const start = at;
    const text = take(() => at === start || (line().trim() !== "" && !startsBlock(line())));
    return make("p", parseInline(text.map((each) => each.trim()).join("\n")));
  }

  while (more()) {
    if (line().trim() === "") at++;
    else blocks.push(block());
  }
  return blocks;
}

function startsBlock(line: string): boolean {
  return [FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line));
}

/**
 * In this order: an escaped character, code, a link, an address, emphasis, a line end. Every length is
 * bounded, so that an opening character without its closing one does not start a search to the text's end.
 */
const INLINE = new RegExp(
  [
    /\\([!-/:-@[-`{-~])/,
    /(?<!`)(`{1,8})(?!`)([^]{1,500}?)(?<!`)\2(?!`)/,
    /\[([^[\]]{1,500})\]\(<?((?:https?:\/\/|mailto:|tel:)[^\s()<>]{1,2000})>?\)/,
    /(https?:\/\/[^\s<>"|`]{0,2000}[^\s<>"|`.,:;!?'*_~\])])/,
    /(?<mark>(?<!\w)_{1,3}|\*{1,3})(?![\s*_])([^]{1,500}?)(?<![\s\\*_])\k<mark>(?![\w*])/,
    /(\n)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gi",
);

function parseInline(text: string, depth = 0): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [all, escaped, , code, label, target, address, mark = "", marked = ""] = found;
    nodes.push(text.slice(end, found.index));
    end = found.index + all.length;
    const inner = (part: string) => (depth < MAX_DEPTH ? parseInline(part, depth + 1) : [part]);
    if (escaped) nodes.push(escaped);
    else if (code) nodes.push(make("code", [code]));
    else if (label && target) {
      nodes.push({ ...make("a", [label]), href: target });
    } else if (address) {
      // A closing bracket belongs to the address if the address has the opening one.
      const closing = address.includes("(") && text[end] === ")" ? ")" : "";
      end += closing.length;
      nodes.push({ ...make("a", [address + closing]), href: address + closing });
    } else if (mark === "") nodes.push(make("br", []));
    else {
      const tag = mark.length > 1 ? "strong" : "em";
      const made = make(tag, inner(marked));
      nodes.push(mark.length === 3 ? make("em", [made]) : made);
    }
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}
