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
  let reader = new BlockReader();
  let known = "";
  return (text, isGrowing) => {
    if (!text.startsWith(known)) {
      reader = new BlockReader();
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
    return copy.end(text.length);
  };
}

class BlockReader {
  /** Where the line begins and ends. */
  #start = 0;
  #end = 0;
  #definitions = new Map<string, string>();
  #document = this.#make("document");
  /** The blocks with children that are open, from the outermost to the innermost. */
  #open = [this.#document];
  /** The paragraph, table or code that is open in the innermost one. */
  #leaf: Block | undefined;
  #line = new SourceLine("");
  #isHalf = false;

  /** Returns a reader that goes on from here, and leaves this one as it is. */
  copy(): BlockReader {
    const copy = new BlockReader();
    copy.#definitions = new Map(this.#definitions);
    // Only the last block of each block changes.
    const edge: Block[] = [];
    for (let block: Block | undefined = this.#document; block; block = block.children.at(-1)) {
      const twin = { ...block, children: [...block.children] };
      edge.at(-1)?.children.splice(-1, 1, twin);
      edge.push(twin);
    }
    copy.#document = edge[0] ?? copy.#document;
    copy.#open = edge.slice(0, this.#open.length);
    copy.#leaf = this.#leaf && edge[this.#open.length];
    return copy;
  }

  /** @param length of the whole text */
  end(length: number): Outline {
    this.#start = length;
    this.#close(0);
    return { blocks: this.#document.children, definitions: this.#definitions };
  }

  read(text: string, start: number, isHalf: boolean): void {
    this.#line = new SourceLine(text);
    this.#start = start;
    this.#end = start + text.length;
    this.#isHalf = isHalf;
    let depth = this.#match();
    if (depth === this.#open.length && this.#leaf?.kind === "code") this.#readCode(this.#leaf);
    else {
      while (!this.#line.isBlank) {
        // A line that is indented so far goes on with a paragraph, if there is one.
        if (this.#line.indent >= 4 && this.#leaf?.kind === "paragraph") break;
        const begun = this.#beginLeaf(depth) ? "leaf" : this.#beginContainer(depth);
        if (begun === "leaf") return this.#noteBlank(false);
        if (!begun) break;
        depth = this.#open.length;
      }
      this.#readText(depth);
    }
    const isEmpty = this.#line.isBlank && !this.#isHalf;
    this.#noteBlank(isEmpty && this.#leaf?.kind !== "code");
  }

  #make(kind: BlockKind, more: Partial<Block> = {}): Block {
    return {
      kind,
      start: this.#start,
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

  /** How many of the open blocks the line belongs to. Takes out their marks. */
  #match(): number {
    const line = this.#line;
    let depth = 1;
    for (; depth < this.#open.length; depth++) {
      const block = this.#open[depth];
      if (block?.kind === "quote") {
        if (line.indent > 3 || !/^[ \t]*>/.test(line.rest)) break;
        this.#skipQuoteMark();
      } else if (block?.kind === "item") {
        // An item that begins with a blank line ends with the second one.
        if (line.isBlank ? block.children.length === 0 : line.indent < block.size) break;
        line.skipColumns(block.size);
      }
    }
    return depth;
  }

  #skipQuoteMark(): void {
    this.#line.skipIndent();
    this.#line.skip(1);
    this.#line.skipColumns(1);
  }

  #readCode(code: Block): void {
    const line = this.#line;
    const [fence = ""] = /^(?:`{3,}|~{3,})(?=[ \t]*$)/.exec(line.rest.trimStart()) ?? [];
    if (line.indent < 4 && fence.startsWith(code.mark)) this.#leaf = undefined;
    else {
      // It may be half of the fence.
      if (this.#isHalf && code.mark.startsWith(line.rest.trim())) return;
      line.skipColumns(code.size);
      code.text += `${line.rest}\n`;
    }
  }

  /** Begins a heading, code, a rule or a table. */
  #beginLeaf(depth: number): boolean {
    const line = this.#line;
    const text = line.rest.trim();
    const paragraph = depth === this.#open.length ? this.#openParagraph : undefined;
    const heading = HEADING.exec(text);
    if (heading) {
      const [, marks = "", content = ""] = heading;
      this.#add(depth, "heading", {
        end: this.#end,
        size: marks.length,
        text: content.replace(/(?:^|[ \t]+)#+$/, ""),
      });
      return true;
    }
    const fence = FENCE.exec(text);
    if (fence) {
      const [, mark = "", info = ""] = fence;
      this.#leaf = this.#add(depth, "code", { size: line.indent, mark, info: info.trim() });
      return true;
    }
    // While it is written, a list begins like a line under a heading.
    if (paragraph && UNDERLINE.test(text) && !(this.#isHalf && text.length < 3)) {
      this.#takeDefinitions(paragraph);
      if (paragraph.text) {
        this.#leaf = undefined;
        this.#parent(depth).children.pop();
        const { start, text: content } = paragraph;
        this.#add(depth, "heading", {
          start,
          end: this.#end,
          text: content.trim(),
          size: text.startsWith("=") ? 1 : 2,
        });
        return true;
      }
    }
    if (RULE.test(text)) {
      this.#add(depth, "rule");
      return true;
    }
    return !!paragraph && this.#beginTable(paragraph, text);
  }

  get #openParagraph(): Block | undefined {
    return this.#leaf?.kind === "paragraph" ? this.#leaf : undefined;
  }

  /** A table begins with the second line of its head. */
  #beginTable(paragraph: Block, text: string): boolean {
    const alignments = readAlignments(text);
    if (!alignments) return false;
    const above = paragraph.text.lastIndexOf("\n");
    const head = paragraph.text.slice(above + 1);
    if (splitRow(head).length !== alignments.length) return false;
    this.#addTable(paragraph, Math.max(0, above), head, alignments);
    return true;
  }

  /** @param above how much of the paragraph stands above the table */
  #addTable(paragraph: Block, above: number, head: string, alignments: Block["alignments"]): void {
    const { start } = paragraph;
    paragraph.text = paragraph.text.slice(0, above);
    if (!paragraph.text) this.#parent(this.#open.length).children.pop();
    this.#leaf = undefined;
    const children = [this.#make("row", { text: head })];
    this.#leaf = this.#add(this.#open.length, "table", { start, children, alignments });
  }

  /** Makes a table of a line at the end that begins with a bar, before the line under it is complete. */
  expectTable(): void {
    const paragraph = this.#openParagraph;
    const found = paragraph && HEAD.exec(paragraph.text);
    if (!found) return;
    const [, head = ""] = found;
    const { length } = splitRow(head);
    this.#addTable(paragraph, found.index, head, Array.from({ length: length || 1 }));
  }

  /** Begins a quote or an item of a list. */
  #beginContainer(depth: number): boolean {
    if (this.#open.length >= MAX_DEPTH) return false;
    const line = this.#line;
    const text = line.rest.trimStart();
    if (text.startsWith(">")) {
      this.#open.push(this.#add(depth, "quote"));
      this.#skipQuoteMark();
      return true;
    }
    const item = ITEM.exec(text);
    if (!item) return false;
    const [all, bullet, number = "", delimiter = ""] = item;
    const isEmpty = text.length === all.length;
    const isInParagraph = depth === this.#open.length && !!this.#openParagraph;
    // In the middle of a sentence, a number is no list.
    if (isInParagraph && (isEmpty || (number && Number(number) !== 1))) return false;
    const offset = line.indent;
    line.skipIndent();
    line.skip(all.length);
    const blanks = line.indent;
    const width = isEmpty || line.isBlank || blanks > 4 ? 1 : blanks;
    line.skipColumns(width);
    this.#openItem(depth, bullet ?? delimiter, number, offset + all.length + width);
    return true;
  }

  #openItem(depth: number, mark: string, info: string, size: number): void {
    const list = this.#open[depth - 1];
    if (list?.kind === "list" && list.mark === mark) this.#close(depth);
    else this.#open.push(this.#add(depth, "list", { mark, info }));
    const item = this.#make("item", { size });
    this.#open.at(-1)?.children.push(item);
    this.#open.push(item);
  }

  #readText(depth: number): void {
    const { isBlank, rest } = this.#line;
    const leaf = this.#leaf;
    // The line goes on with a paragraph although it lacks the marks of the blocks around it.
    const isLazy = leaf?.kind === "paragraph" && depth < this.#open.length;
    // A line that is half may be blank only up to here.
    if (isBlank && this.#isHalf) return;
    if (isBlank) this.#close(depth);
    else if (leaf && (isLazy || (depth === this.#open.length && leaf.kind !== "code"))) {
      const text = rest.trimStart();
      if (leaf.kind === "table") leaf.children.push(this.#make("row", { text }));
      else leaf.text += `\n${text}`;
    } else this.#leaf = this.#add(depth, "paragraph", { text: rest.trimStart() });
  }

  /** The block that is the innermost one when the others are closed. Only items are in a list. */
  #parent(depth: number): Block {
    const block = this.#open[depth - 1] ?? this.#document;
    return block.kind === "list" ? (this.#open[depth - 2] ?? this.#document) : block;
  }

  #add(depth: number, kind: BlockKind, more: Partial<Block> = {}): Block {
    const parent = this.#parent(depth);
    this.#close(this.#open.indexOf(parent) + 1);
    const block = this.#make(kind, more);
    parent.children.push(block);
    return block;
  }

  /** Closes what is open in the block at this depth. */
  #close(depth: number): void {
    if (this.#leaf?.kind === "paragraph") this.#takeDefinitions(this.#leaf);
    if (this.#leaf) this.#leaf.end = this.#start;
    this.#leaf = undefined;
    for (const block of this.#open.splice(depth)) block.end = this.#start;
  }

  /** What a paragraph begins with may say what labels stand for. */
  #takeDefinitions(paragraph: Block): void {
    for (;;) {
      const [all, label = "", angle, plain = ""] = DEFINITION.exec(paragraph.text) ?? [];
      if (all === undefined || !label.trim()) break;
      const name = normalizeLabel(label);
      const address = safeTarget(angle ?? plain);
      if (address !== undefined && !this.#definitions.has(name))
        this.#definitions.set(name, address);
      paragraph.text = paragraph.text.slice(all.length);
    }
    if (!paragraph.text) {
      const siblings = this.#open.at(-1)?.children;
      if (siblings?.at(-1) === paragraph) siblings.pop();
      this.#leaf = undefined;
    }
  }

  /** Lists with blank lines between their items, or in them, are shown with more room. */
  #noteBlank(isBlank: boolean): void {
    const inner = this.#open.at(-1);
    const last = inner?.children.at(-1);
    if (isBlank && last) last.isBlankAfter = true;
    const isNew = inner?.kind === "item" && !last && inner.start === this.#start;
    const isAfter = isBlank && inner?.kind !== "quote" && !isNew;
    for (const block of this.#open) block.isBlankAfter = isAfter;
  }
}
