import { type Block, createBlockReader } from "./blocks.ts";
import { decodeEntities } from "./entities.ts";
import type { Highlight } from "./highlight.ts";
import { type InlineContext, parseInline } from "./inline.ts";
import { splitRow } from "./table.ts";
import { make, type MarkdownElement, type MarkdownNode } from "./tree.ts";

interface MarkdownOptions {
  /** The numbers that name a source, as in [1]. */
  readonly sources?: Pick<ReadonlySet<number>, "has" | "keys">;
  /** Whether more of the text is to come. What has begun at its end is then shown as if it had ended. */
  readonly isGrowing?: boolean;
  /** What colours code. Missing: nothing does. */
  readonly highlight?: Highlight;
}

const MAX_LANGUAGE_LENGTH = 30;
/** A longer paragraph is read in parts of about this length, so that one that grows is not read again from its start. */
const PART_LENGTH = 4000;
/** So are many blocks or items, because a browser looks at all of a parent's children when one of them has changed. */
const PART_COUNT = 64;
/** In the rows of a table up to about so many cells, those that a row leaves out are there, too. */
const MAX_FILLED_CELLS = 10_000;

/** Leaves code as it is. */
export const PLAIN: Highlight = (code) => [code];

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
  const readBlocks = createBlockReader();
  let memory = new Memory();
  let knownContext = "";
  let knownHighlight: Highlight | undefined;
  return (text, { sources = new Set(), isGrowing = false, highlight = PLAIN } = {}) => {
    const clean = text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
    const { blocks, definitions } = readBlocks(clean, isGrowing);
    const context = JSON.stringify([[...definitions], [...sources.keys()]]);
    if (context !== knownContext || highlight !== knownHighlight) memory = new Memory();
    knownContext = context;
    knownHighlight = highlight;
    const openEnd = isGrowing ? clean.length : -1;
    const { tree, longParts } = writeBlocks(
      blocks,
      { definitions, sources },
      openEnd,
      memory,
      highlight,
    );
    memory.longParts = longParts;
    return tree;
  };
}

type Parts = ReadonlyMap<string, readonly MarkdownNode[]>;

/** What blocks have become, and the parts of long ones. */
class Memory {
  readonly blocks = new WeakMap<Block, MarkdownElement>();
  /** Items of lists with more room. */
  readonly loose = new WeakMap<Block, MarkdownElement>();
  longParts: Parts = new Map();
}

/** What blocks have become, and the parts of the long ones among them. */
interface Written {
  readonly tree: MarkdownElement[];
  readonly longParts: Parts;
}

/**
 * Makes elements of blocks.
 * @param openEnd where blocks end of which more is to come
 */
function writeBlocks(
  blocks: readonly Block[],
  context: InlineContext,
  openEnd: number,
  memory: Memory,
  highlight: Highlight,
): Written {
  const longParts = new Map<string, readonly MarkdownNode[]>();

  /** Writes the first blocks as they are, and more in parts. */
  function writeAll(all: readonly Block[]): MarkdownElement[] {
    const nodes = all.flatMap(writeBlock);
    const more = inParts(nodes.splice(PART_COUNT)).map((part) => make("part", part));
    return [...nodes, ...more];
  }

  function writeBlock(block: Block): MarkdownElement | MarkdownElement[] {
    if (block.kind === "list") return listsOf(block);
    if (block.kind === "table") return tablesOf(block);
    return once(block, () => makeOf(block));
  }

  function makeOf({ kind, end, text, size, info, children }: Block): MarkdownElement {
    switch (kind) {
      case "paragraph":
        return make("p", paragraph(text, end));
      case "heading":
        return make(`h${size}` as "h1", inline(text, end));
      case "code":
        return codeBlock(text, info);
      case "rule":
        return make("hr", []);
      default:
        return make("blockquote", writeAll(children));
    }
  }

  function once(
    block: Block,
    write: () => MarkdownElement,
    known = memory.blocks,
  ): MarkdownElement {
    const node = known.get(block) ?? write();
    known.set(block, node);
    return node;
  }

  function inline(text: string, end: number): MarkdownNode[] {
    return parseInline(text.trim(), context, end === openEnd);
  }

  function paragraph(text: string, end: number): MarkdownNode[] {
    return inLongParts(text, "", (part, isLast) => inline(part, isLast ? end : -1));
  }

  function codeBlock(text: string, info: string): MarkdownElement {
    const [word = ""] = decodeEntities(info, true).split(/\s/);
    const language = word.slice(0, MAX_LANGUAGE_LENGTH);
    const write = (part: string) => highlight(part, language);
    const pre = make("pre", [make("code", inLongParts(text.replace(/\n$/, ""), language, write))]);
    return language ? { ...pre, language } : pre;
  }

  /**
   * Writes a text in parts where it is long. The first one is not marked as a part, so that nothing changes in it when
   * others come.
   * @param name of the way in which it is written
   */
  function inLongParts(
    text: string,
    name: string,
    write: (part: string, isLast: boolean) => readonly MarkdownNode[],
  ): MarkdownNode[] {
    const texts = splitLong(text);
    return texts.flatMap((part, at) => {
      const isLast = at === texts.length - 1;
      const key = `${at > 0} ${name}\n${part}`;
      const known = isLast ? undefined : memory.longParts.get(key);
      const anew = () => (at > 0 ? [make("part", write(part, isLast))] : write(part, isLast));
      const nodes = known ?? anew();
      if (!isLast) longParts.set(key, nodes);
      return nodes;
    });
  }

  /** A long table becomes several ones with the same head: a browser lays out all of a table when a row comes. */
  function tablesOf({ children: rows, alignments, end }: Block): MarkdownElement[] {
    const write = (row: Block, at: number) =>
      once(row, () => {
        const texts = splitRow(row.text);
        // In a wide table, many rows that say nothing would become far more than there is text.
        const isFilled = alignments.length * at <= MAX_FILLED_CELLS;
        const shown = isFilled ? alignments : alignments.slice(0, texts.length);
        const cells = shown.map((align, column) => ({
          ...make(
            at === 0 ? "th" : "td",
            inline(texts[column] ?? "", at === rows.length - 1 ? end : -1),
          ),
          ...(align && { align }),
        }));
        return make("tr", cells);
      });
    const body = rows.map(write);
    const head = body.splice(0, 1);
    const parts = body[0] ? inParts(body) : [body];
    return parts.map((part, at) => ({
      ...make("table", [...head, ...part]),
      ...(at > 0 && { isRest: true }),
    }));
  }

  /** A long list becomes several ones, as if they were one. */
  function listsOf({ children: items, info }: Block): MarkdownElement[] {
    const isLoose = items.some(
      (item, at) =>
        (at < items.length - 1 && endsBlank(item)) ||
        item.children.some(
          (child, place) =>
            (at < items.length - 1 || place < item.children.length - 1) && endsBlank(child),
        ),
    );
    return inParts(items).map((part, at) => {
      const list = make(
        info ? "ol" : "ul",
        part.map((item) => itemOf(item, isLoose)),
      );
      return {
        ...list,
        ...(info && { start: Number(info) + at * PART_COUNT }),
        ...(at > 0 && { isRest: true }),
      };
    });
  }

  function itemOf(item: Block, isLoose: boolean): MarkdownElement {
    const write = () => {
      const [first, ...rest] = item.children;
      // The box of a task is not shown before its text.
      const isHalfBox = first?.end === openEnd && /^\[[ xX]?\]?\s*$/.test(first.text);
      if (isHalfBox) return make("li", []);
      const [, box, text = ""] =
        (first?.kind === "paragraph" && /^\[([ xX])\][ \t\n]+(\S[^]*)$/.exec(first.text)) || [];
      const children = first && box ? [{ ...first, text }, ...rest] : item.children;
      const nodes = children.flatMap((child): MarkdownNode | readonly MarkdownNode[] => {
        const node = writeBlock(child);
        return !isLoose && !Array.isArray(node) && node.tag === "p" ? node.children : node;
      });
      return { ...make("li", nodes), ...(box && { isChecked: box !== " " }) };
    };
    return once(item, write, memory[isLoose ? "loose" : "blocks"]);
  }

  return { tree: writeAll(blocks), longParts };
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

function inParts<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += PART_COUNT) parts.push(all.slice(at, at + PART_COUNT));
  return parts;
}

/** Whether a block, or the last one in it, is followed by a blank line. */
function endsBlank(block: Block): boolean {
  if (block.isBlankAfter) return true;
  const last = block.kind === "list" || block.kind === "item" ? block.children.at(-1) : undefined;
  return !!last && endsBlank(last);
}
