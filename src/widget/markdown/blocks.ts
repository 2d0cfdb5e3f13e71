import { safeTarget } from "./address.ts";
import { normalizeLabel } from "./inline.ts";
import { SourceLine } from "./source-line.ts";
import { readAlignments, splitRow } from "./table.ts";
import type { Alignment } from "./tree.ts";

type BlockKind =
  | "document"
  | "quote"
  | "list"
  | "item"
  | "paragraph"
  | "heading"
  | "code"
  | "rule"
  | "table"
  | "row";

export interface Block {
  readonly kind: BlockKind;
  /** Where its first line begins in the text, and where the first line behind it does. */
  readonly start: number;
  end: number;
  children: Block[];
  /** Whether a blank line follows it. */
  isBlankAfter: boolean;
  /** The lines of a paragraph, a heading, a row or code, without what belongs to the blocks around it. */
  text: string;
  /** Of a heading: 1 to 6. Of an item: the columns before its content. Of code: those before its fence. */
  readonly size: number;
  /** Of a list: what its items have in common. Of code: its fence. */
  readonly mark: string;
  /** Of a numbered list: its first number. Of code: what stands behind the fence. */
  readonly info: string;
  readonly alignments: readonly (Alignment | undefined)[];
}

/** How deep quotes and lists nest, with two for each list. Deeper ones stay text, so that no text can exhaust the stack. */
const MAX_DEPTH = 24;

const HEADING = /^(#{1,6})(?:[ \t]+|$)(.*)$/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
const RULE = /^([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const ITEM = /^(?:([-*+])|(\d{1,9})([.)]))(?=[ \t]|$)/;
/** The head of a table with nothing, or the beginning of its second line, under it. */
const HEAD = /(?:^|\n)(\|[^\n]*)(?:\n\|[-:| \t]*)?$/;
/** What a label stands for. The title behind it is not shown. */
const DEFINITION =
  /^\s*\[((?:[^\\[\]]|\\[^]){1,999})\]:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|([^\s<]\S*))(?:(?:[ \t]+|[ \t]*\n[ \t]*)(?:"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)))?[ \t]*(?:\n|$)/;

export interface Outline {
  readonly blocks: readonly Block[];
  readonly definitions: ReadonlyMap<string, string>;
}

/** @param isGrowing whether the last line may still be half */
type ReadBlocks = (text: string, isGrowing: boolean) => Outline;

/**
 * Returns what finds the blocks of a text that grows (CommonMark 4 and 5, GFM 4.10), line by line. White space alone makes
 * no code. Each line that has ended is read once: blocks that nothing can be added to are the same objects again.
 */
export function createBlockReader(): ReadBlocks {
  let reader = beginReading();
  let known = "";
  return (text, isGrowing) => {
    if (!text.startsWith(known)) {
      reader = beginReading();
      known = "";
    }
    let start = known.length;
    for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
      reader.read(text.slice(start, end), start, false);
      start = end + 1;
    }
    known = text.slice(0, start);
    const copy = reader.copy();
    if (start < text.length) copy.read(text.slice(start), start, isGrowing);
    if (isGrowing) copy.expectTable();
    return copy.finish(text.length);
  };
}

/** Reads the lines of a text, one after the other. */
interface BlockReader {
  /**
   * @param start where the line begins in the text
   * @param isHalf whether more of it may come
   */
  read(text: string, start: number, isHalf: boolean): void;
  /** Makes a table of a line at the end that begins with a bar, before the line under it is complete. */
  expectTable(): void;
  /** @param length of the whole text */
  finish(length: number): Outline;
  /** Returns a reader that goes on from here, and leaves this one as it is. */
  copy(): BlockReader;
}

/** What a reader goes on from. */
interface Progress {
  readonly root: Block;
  /** The blocks with children that are open, from the root to the innermost. */
  readonly open: Block[];
  /** The paragraph, table or code that is open in the innermost one. */
  readonly leaf?: Block | undefined;
  readonly definitions: Map<string, string>;
}

function createReader({ root, open, leaf, definitions }: Progress): BlockReader {
  /** Where the line begins and ends. */
  let lineStart = 0;
  let lineEnd = 0;
  let line = new SourceLine("");
  let isHalf = false;

  function copy(): BlockReader {
    // Only the last block of each block changes.
    const edge: Block[] = [];
    for (let block: Block | undefined = root; block; block = block.children.at(-1)) {
      const twin = { ...block, children: [...block.children] };
      edge.at(-1)?.children.splice(-1, 1, twin);
      edge.push(twin);
    }
    return createReader({
      root: edge[0] ?? root,
      open: edge.slice(0, open.length),
      leaf: leaf && edge[open.length],
      definitions: new Map(definitions),
    });
  }

  function finish(length: number): Outline {
    lineStart = length;
    close(0);
    return { blocks: root.children, definitions };
  }

  function read(text: string, start: number, isLastHalf: boolean): void {
    line = new SourceLine(text);
    lineStart = start;
    lineEnd = start + text.length;
    isHalf = isLastHalf;
    let depth = match();
    if (depth === open.length && leaf?.kind === "code") readCode(leaf);
    else {
      while (!line.isBlank) {
        // A line that is indented so far goes on with a paragraph, if there is one.
        if (line.indent >= 4 && leaf?.kind === "paragraph") break;
        const begun = beginLeaf(depth) ? "leaf" : beginContainer(depth);
        if (begun === "leaf") return noteBlank(false);
        if (!begun) break;
        depth = open.length;
      }
      readText(depth);
    }
    const isEmpty = line.isBlank && !isHalf;
    noteBlank(isEmpty && leaf?.kind !== "code");
  }

  function newBlock(kind: BlockKind, more: Partial<Block> = {}): Block {
    return blockOf(kind, { start: lineStart, ...more });
  }

  /** How many of the open blocks the line belongs to. Takes out their marks. */
  function match(): number {
    let depth = 1;
    for (; depth < open.length; depth++) {
      const block = open[depth];
      if (block?.kind === "quote") {
        if (line.indent > 3 || !/^[ \t]*>/.test(line.rest)) break;
        skipQuoteMark();
      } else if (block?.kind === "item") {
        // An item that begins with a blank line ends with the second one.
        if (line.isBlank ? block.children.length === 0 : line.indent < block.size) break;
        line.skipColumns(block.size);
      }
    }
    return depth;
  }

  function skipQuoteMark(): void {
    line.skipIndent();
    line.skip(1);
    line.skipColumns(1);
  }

  function readCode(code: Block): void {
    const [fence = ""] = /^(?:`{3,}|~{3,})(?=[ \t]*$)/.exec(line.rest.trimStart()) ?? [];
    if (line.indent < 4 && fence.startsWith(code.mark)) leaf = undefined;
    else {
      // It may be half of the fence.
      if (isHalf && code.mark.startsWith(line.rest.trim())) return;
      line.skipColumns(code.size);
      code.text += `${line.rest}\n`;
    }
  }

  /** Begins a heading, code, a rule or a table. */
  function beginLeaf(depth: number): boolean {
    const text = line.rest.trim();
    const paragraph = depth === open.length ? openParagraph() : undefined;
    const heading = HEADING.exec(text);
    if (heading) {
      const [, marks = "", content = ""] = heading;
      add(depth, "heading", {
        end: lineEnd,
        size: marks.length,
        text: content.replace(/(?:^|[ \t]+)#+$/, ""),
      });
      return true;
    }
    const fence = FENCE.exec(text);
    if (fence) {
      const [, mark = "", info = ""] = fence;
      leaf = add(depth, "code", { size: line.indent, mark, info: info.trim() });
      return true;
    }
    // While it is written, a list begins like a line under a heading.
    if (paragraph && UNDERLINE.test(text) && !(isHalf && text.length < 3)) {
      takeDefinitions(paragraph);
      if (paragraph.text) {
        leaf = undefined;
        parentAt(depth).children.pop();
        const { start, text: content } = paragraph;
        add(depth, "heading", {
          start,
          end: lineEnd,
          text: content.trim(),
          size: text.startsWith("=") ? 1 : 2,
        });
        return true;
      }
    }
    if (RULE.test(text)) {
      add(depth, "rule");
      return true;
    }
    return !!paragraph && beginTable(paragraph, text);
  }

  function openParagraph(): Block | undefined {
    return leaf?.kind === "paragraph" ? leaf : undefined;
  }

  /** A table begins with the second line of its head. */
  function beginTable(paragraph: Block, text: string): boolean {
    const alignments = readAlignments(text);
    if (!alignments) return false;
    const above = paragraph.text.lastIndexOf("\n");
    const head = paragraph.text.slice(above + 1);
    if (splitRow(head).length !== alignments.length) return false;
    addTable(paragraph, Math.max(0, above), head, alignments);
    return true;
  }

  /** @param above how much of the paragraph stands above the table */
  function addTable(
    paragraph: Block,
    above: number,
    head: string,
    alignments: Block["alignments"],
  ): void {
    const { start } = paragraph;
    paragraph.text = paragraph.text.slice(0, above);
    if (!paragraph.text) parentAt(open.length).children.pop();
    leaf = undefined;
    const children = [newBlock("row", { text: head })];
    leaf = add(open.length, "table", { start, children, alignments });
  }

  function expectTable(): void {
    const paragraph = openParagraph();
    const found = paragraph && HEAD.exec(paragraph.text);
    if (!found) return;
    const [, head = ""] = found;
    const { length } = splitRow(head);
    addTable(paragraph, found.index, head, Array.from({ length: length || 1 }));
  }

  /** Begins a quote or an item of a list. */
  function beginContainer(depth: number): boolean {
    if (open.length >= MAX_DEPTH) return false;
    const text = line.rest.trimStart();
    if (text.startsWith(">")) {
      open.push(add(depth, "quote"));
      skipQuoteMark();
      return true;
    }
    const item = ITEM.exec(text);
    if (!item) return false;
    const [all, bullet, number = "", delimiter = ""] = item;
    const isEmpty = text.length === all.length;
    const isInParagraph = depth === open.length && !!openParagraph();
    // In the middle of a sentence, a number is no list.
    if (isInParagraph && (isEmpty || (number && Number(number) !== 1))) return false;
    const offset = line.indent;
    line.skipIndent();
    line.skip(all.length);
    const blanks = line.indent;
    const width = isEmpty || line.isBlank || blanks > 4 ? 1 : blanks;
    line.skipColumns(width);
    openItem(depth, bullet ?? delimiter, number, offset + all.length + width);
    return true;
  }

  function openItem(depth: number, mark: string, info: string, size: number): void {
    const list = open[depth - 1];
    if (list?.kind === "list" && list.mark === mark) close(depth);
    else open.push(add(depth, "list", { mark, info }));
    const item = newBlock("item", { size });
    open.at(-1)?.children.push(item);
    open.push(item);
  }

  function readText(depth: number): void {
    const { isBlank, rest } = line;
    // The line goes on with a paragraph although it lacks the marks of the blocks around it.
    const isLazy = leaf?.kind === "paragraph" && depth < open.length;
    // A line that is half may be blank only up to here.
    if (isBlank && isHalf) return;
    if (isBlank) close(depth);
    else if (leaf && (isLazy || (depth === open.length && leaf.kind !== "code"))) {
      const text = rest.trimStart();
      if (leaf.kind === "table") leaf.children.push(newBlock("row", { text }));
      else leaf.text += `\n${text}`;
    } else leaf = add(depth, "paragraph", { text: rest.trimStart() });
  }

  /** The block that is the innermost one when the others are closed. Only items are in a list. */
  function parentAt(depth: number): Block {
    const block = open[depth - 1] ?? root;
    return block.kind === "list" ? (open[depth - 2] ?? root) : block;
  }

  function add(depth: number, kind: BlockKind, more: Partial<Block> = {}): Block {
    const parent = parentAt(depth);
    close(open.indexOf(parent) + 1);
    const block = newBlock(kind, more);
    parent.children.push(block);
    return block;
  }

  /** Closes what is open in the block at this depth. */
  function close(depth: number): void {
    if (leaf?.kind === "paragraph") takeDefinitions(leaf);
    if (leaf) leaf.end = lineStart;
    leaf = undefined;
    for (const block of open.splice(depth)) block.end = lineStart;
  }

  /** What a paragraph begins with may say what labels stand for. */
  function takeDefinitions(paragraph: Block): void {
    for (;;) {
      const [all, label = "", angle, plain = ""] = DEFINITION.exec(paragraph.text) ?? [];
      if (all === undefined || !label.trim()) break;
      const name = normalizeLabel(label);
      const address = safeTarget(angle ?? plain);
      if (address !== undefined && !definitions.has(name)) definitions.set(name, address);
      paragraph.text = paragraph.text.slice(all.length);
    }
    if (!paragraph.text) {
      const siblings = open.at(-1)?.children;
      if (siblings?.at(-1) === paragraph) siblings.pop();
      leaf = undefined;
    }
  }

  /** Lists with blank lines between their items, or in them, are shown with more room. */
  function noteBlank(isBlank: boolean): void {
    const inner = open.at(-1);
    const last = inner?.children.at(-1);
    if (isBlank && last) last.isBlankAfter = true;
    const isNew = inner?.kind === "item" && !last && inner.start === lineStart;
    const isAfter = isBlank && inner?.kind !== "quote" && !isNew;
    for (const block of open) block.isBlankAfter = isAfter;
  }

  return { read, expectTable, finish, copy };
}

/** A reader of the first line. */
function beginReading(): BlockReader {
  const root = blockOf("document");
  return createReader({ root, open: [root], definitions: new Map() });
}

function blockOf(kind: BlockKind, more: Partial<Block> = {}): Block {
  return {
    kind,
    start: 0,
    end: 0,
    children: [],
    isBlankAfter: false,
    text: "",
    size: 0,
    mark: "",
    info: "",
    alignments: [],
    ...more,
  };
}
