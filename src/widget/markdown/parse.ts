import { type Block, readBlocks } from "./blocks.ts";
import { decodeEntities } from "./entities.ts";
import { type InlineContext, parseInline } from "./inline.ts";
import { splitRow } from "./table.ts";
import { make, type MarkdownElement, type MarkdownNode } from "./tree.ts";

interface MarkdownOptions {
  /** The numbers that name a source, as in [1]. */
  readonly sources?: Pick<ReadonlySet<number>, "has" | "keys">;
  /** Whether more of the text is to come. What has begun at its end is then shown as if it had ended. */
  readonly isGrowing?: boolean;
}

const MAX_LANGUAGE_LENGTH = 30;
/** A longer paragraph is read in parts of about this length, so that one that grows is not read again from its start. */
const PART_LENGTH = 4000;

/**
 * Reads the Markdown that models write: GitHub's, but for HTML, images and code by indentation. The time is linear in the
 * length of any text, and so is the depth of what comes out bounded. A line ends where its author ends it.
 */
export function parseMarkdown(text: string, options: MarkdownOptions = {}): MarkdownElement[] {
  return createMarkdownReader()(text, options);
}

/**
 * Returns a parser for a text that grows. What has not changed since the last call is the same object again, and is not
 * read anew.
 */
export function createMarkdownReader(): (
  text: string,
  options?: MarkdownOptions,
) => MarkdownElement[] {
  let known: Memory = new Map();
  let knownContext = "";
  return (text, { sources = new Set(), isGrowing = false } = {}) => {
    const clean = text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
    const { blocks, definitions } = readBlocks(clean, isGrowing);
    const context = JSON.stringify([[...definitions], [...sources.keys()]]);
    if (context !== knownContext) known = new Map();
    knownContext = context;
    const writer = new TreeWriter(clean, { definitions, sources }, isGrowing, known);
    const tree = writer.writeAll(blocks);
    known = writer.used;
    return tree;
  };
}

/** What parts of a text have become. */
type Memory = Map<string, readonly MarkdownNode[]>;

/** Makes elements of blocks. */
class TreeWriter {
  readonly used: Memory = new Map();
  readonly #text: string;
  readonly #context: InlineContext;
  readonly #isGrowing: boolean;
  readonly #known: Memory;

  constructor(text: string, context: InlineContext, isGrowing: boolean, known: Memory) {
    this.#text = text;
    this.#context = context;
    this.#isGrowing = isGrowing;
    this.#known = known;
  }

  writeAll(blocks: readonly Block[]): MarkdownElement[] {
    return blocks.map((block) => this.#write(block));
  }

  #write(block: Block): MarkdownElement {
    const { kind, start, end, text, size, info, children, alignments } = block;
    switch (kind) {
      case "paragraph":
        return this.#once(`p ${text}`, end, () => make("p", this.#paragraph(text, end)));
      case "heading":
        return this.#once(`h${size} ${text}`, end, () =>
          make(`h${size}` as "h1", this.#inline(text, end)),
        );
      case "code":
        return writeCode(text, info);
      case "rule":
        return make("hr", []);
      case "table":
        return this.#table(text, alignments, end);
      case "list":
        return this.#list(children, info);
      default:
        return this.#once(`> ${this.#text.slice(start, end)}`, end, () =>
          make("blockquote", this.writeAll(children)),
        );
    }
  }

  /** Whether more of the block is to come. */
  #goesOn(end: number): boolean {
    return this.#isGrowing && end === this.#text.length;
  }

  #once(key: string, end: number, write: () => MarkdownElement): MarkdownElement {
    return this.#remember(key, end, () => [write()])[0] as MarkdownElement;
  }

  #remember(
    key: string,
    end: number,
    write: () => readonly MarkdownNode[],
  ): readonly MarkdownNode[] {
    const name = `${this.#goesOn(end)} ${key}`;
    const nodes = this.used.get(name) ?? this.#known.get(name) ?? write();
    this.used.set(name, nodes);
    return nodes;
  }

  #inline(text: string, end: number): MarkdownNode[] {
    return parseInline(text.trim(), this.#context, this.#goesOn(end));
  }

  #paragraph(text: string, end: number): readonly MarkdownNode[] {
    const parts = splitLong(text);
    return parts.flatMap((part, at) => {
      const partEnd = at === parts.length - 1 ? end : -1;
      const isLine = parts.length > 1;
      return this.#remember(`${isLine} ${part}`, partEnd, () => {
        const nodes = this.#inline(part, partEnd);
        return isLine ? [make("part", nodes)] : nodes;
      });
    });
  }

  #table(text: string, alignments: Block["alignments"], end: number): MarkdownElement {
    const [head = "", ...rows] = text.split("\n");
    const context = alignments.join();
    const write = (tag: "th" | "td", line: string, isLast: boolean) => {
      const lineEnd = isLast ? end : -1;
      return this.#once(`${tag} ${context} ${line}`, lineEnd, () => {
        const texts = splitRow(line);
        const cells = alignments.map((align, at) => ({
          ...make(tag, this.#inline(texts[at] ?? "", lineEnd)),
          ...(align && { align }),
        }));
        return make("tr", cells);
      });
    };
    const body = rows.map((line, at) => write("td", line, at === rows.length - 1));
    return make("table", [write("th", head, false), ...body]);
  }

  #list(items: readonly Block[], number: string): MarkdownElement {
    const isLoose = items.some(
      (item, at) =>
        (at < items.length - 1 && endsBlank(item)) ||
        item.children.some(
          (child, place) =>
            (at < items.length - 1 || place < item.children.length - 1) && endsBlank(child),
        ),
    );
    const children = items.map((item) => this.#item(item, isLoose));
    if (!number) return make("ul", children);
    return { ...make("ol", children), start: Number(number) };
  }

  #item(item: Block, isLoose: boolean): MarkdownElement {
    const { start, end } = item;
    return this.#once(`${isLoose} ${this.#text.slice(start, end)}`, end, () => {
      const [first, ...rest] = item.children;
      const [, box, text = ""] =
        (first?.kind === "paragraph" && /^\[([ xX])\][ \t\n]+(\S[^]*)$/.exec(first.text)) || [];
      const children = first && box ? [{ ...first, text }, ...rest] : item.children;
      const nodes = children.flatMap((child): MarkdownNode | readonly MarkdownNode[] => {
        const node = this.#write(child);
        return !isLoose && node.tag === "p" ? node.children : node;
      });
      return { ...make("li", nodes), ...(box && { isChecked: box !== " " }) };
    });
  }
}

/** The text in parts of some length, cut at line ends. */
function splitLong(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const found = text.indexOf("\n", from + PART_LENGTH);
    if (found < 0 || found === text.length - 1) return [...parts, text.slice(from)];
    parts.push(text.slice(from, found + 1));
    from = found + 1;
  }
}

function writeCode(text: string, info: string): MarkdownElement {
  const [language = ""] = decodeEntities(info, true).split(/\s/);
  const parts = splitLong(text.replace(/\n$/, ""));
  const code = parts.length > 1 ? parts.map((part) => make("part", [part])) : parts.filter(Boolean);
  const pre = make("pre", [make("code", code)]);
  return language ? { ...pre, language: language.slice(0, MAX_LANGUAGE_LENGTH) } : pre;
}

/** Whether a block, or the last one in it, is followed by a blank line. */
function endsBlank(block: Block): boolean {
  if (block.isBlankAfter) return true;
  const last = block.kind === "list" || block.kind === "item" ? block.children.at(-1) : undefined;
  return !!last && endsBlank(last);
}
