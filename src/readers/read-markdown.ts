import { cleanLine, cleanText, tidyLines } from "./clean-text.ts";
import { readFrontMatter } from "./front-matter.ts";
import { labelledRow } from "./labelled-row.ts";
import { definedLinks, plainProse } from "./markdown-inline.ts";
import { partsOf, type Piece, topHeadingOf } from "./outline.ts";
import { type Reading, readingOf } from "./reading.ts";

const FENCE = /^[\s>]{0,40}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})[ \t](.{0,2000})$/;
const CLOSING_MARKS = /(?:^|[ \t])#{1,20}$/;
const HTML_HEADING = /^\s{0,9}<h([1-6])(?:\s[^<>]{0,500})?>(.{1,1000}?)<\/h\1>\s*$/i;
const UNDERLINE = /^ {0,3}(=+|-{2,})[ \t]*$/;
/** Lines of MDX that are code: imports of one line, and exports up to an empty line. */
const IMPORT = /^import\s+(?:[\w*{][^"'\n]{0,500}\sfrom\s+)?["'][^"'\n]{1,500}["'];?\s*$/;
const EXPORT = /^export\s+(?:default|const|let|function|async)\b/;
/** Of a line without spaces at its ends: with them, a line of 60,000 spaces would take half a minute. */
const TABLE_RULE = /^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*){0,200}\|?$/;
/** The marks of boxes, such as `:::note`. */
const BOX = /^\s{0,20}:::+\s*\w*\s*/;

/** Lines between two steps: a millisecond or two. */
const LINES_A_STEP = 1000;

/**
 * Reads Markdown or MDX: its text under its headings, with the anchors that GitHub gives them. Code stays as it is;
 * links, images, HTML and JSX leave their text. In steps, so that others can work between two of them. Never throws.
 */
export function* readMarkdownInSteps(markdown: string): Generator<undefined, Reading> {
  const { title: named, lang, isDraft, body } = readFrontMatter(cleanText(markdown));
  if (isDraft) return { kind: "empty", reason: "It says of itself that it is a draft." };
  yield;
  const pieces: Piece[] = [];
  for (const piece of new MarkdownPieces(body).read()) {
    if (piece === undefined) yield;
    else pieces.push(piece);
  }
  const title = cleanLine(named) || topHeadingOf(pieces);
  return readingOf({ title, lang, parts: partsOf(pieces, title) });
}

/** Lines of one kind: prose, or a block of code with its fences. */
interface Block {
  readonly isCode: boolean;
  readonly lines: string[];
}

class MarkdownPieces {
  readonly #body: string;
  readonly #anchors = new Map<string, number>();
  #text: string[] = [];
  /** How many lines of prose were read. */
  #lines = 0;

  constructor(body: string) {
    this.#body = body;
  }

  /** Yields undefined between two steps. */
  *read(): Generator<Piece | undefined> {
    const blocks = yield* blocksOf(this.#body);
    const prose = blocks.filter(({ isCode }) => !isCode).flatMap(({ lines }) => lines);
    const defined = definedLinks(prose.join("\n"));
    yield undefined;
    for (const { isCode, lines } of blocks) {
      if (isCode) this.#text.push(lines.join("\n"));
      else yield* this.#readProse(lines, defined);
    }
    yield* this.#flush();
  }

  *#readProse(
    lines: readonly string[],
    defined: ReadonlySet<string>,
  ): Generator<Piece | undefined> {
    const marked = lines.map((line) => {
      const [, level, text = ""] = HTML_HEADING.exec(line) ?? [];
      return level === undefined ? line : `${"#".repeat(Number(level))} ${text}`;
    });
    yield undefined;
    const plain = plainProse(marked.join("\n"), defined).split("\n");
    for (let at = 0; at < plain.length; at++) {
      if (++this.#lines % LINES_A_STEP === 0) yield undefined;
      const line = plain[at] ?? "";
      const heading = HEADING.exec(line);
      const underline = UNDERLINE.exec(plain[at + 1] ?? "");
      if (heading !== null) {
        const text = (heading[2] ?? "").trim().replace(CLOSING_MARKS, "");
        yield* this.#heading((heading[1] ?? "").length, text);
      } else if (underline !== null && isUnderlined(line, plain[at - 1])) {
        yield* this.#heading(underline[1]?.startsWith("=") === true ? 1 : 2, line);
        at++;
      } else if (line.includes("|") && TABLE_RULE.test((plain[at + 1] ?? "").trim())) {
        at = yield* this.#readTable(plain, at);
      } else this.#text.push(line.replace(BOX, ""));
    }
  }

  /** Reads the table whose header is at `at`. @returns the place of its last line */
  *#readTable(lines: readonly string[], at: number): Generator<undefined, number> {
    const labels = cellsOf(lines[at] ?? "");
    let last = at + 1;
    while ((lines[last + 1] ?? "").includes("|")) {
      last++;
      if (++this.#lines % LINES_A_STEP === 0) yield;
      this.#text.push(labelledRow(labels, cellsOf(lines[last] ?? "")));
    }
    if (last === at + 1) this.#text.push(labels.join(" | "));
    return last;
  }

  *#heading(level: number, marked: string): Generator<Piece> {
    yield* this.#flush();
    const own = /\{#([\w.:-]{1,200})\}$/.exec(marked.trimEnd());
    const bare = own === null ? marked : marked.slice(0, own.index);
    const text = cleanLine(bare.replaceAll(/[*`~]+|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, ""));
    if (text === "") return;
    yield { kind: "heading", level, text, anchor: own?.[1] ?? this.#anchorOf(text) };
  }

  /** As GitHub makes it: small letters, no punctuation, and a number behind the second of a name. */
  #anchorOf(heading: string): string {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const earlier = this.#anchors.get(name) ?? 0;
    this.#anchors.set(name, earlier + 1);
    return earlier === 0 ? name : `${name}-${earlier}`;
  }

  *#flush(): Generator<Piece> {
    const text = tidyLines(this.#text.join("\n"));
    this.#text = [];
    if (text !== "") yield { kind: "text", text };
  }
}

/** Splits Markdown into prose and blocks of code, in steps. Imports and exports of MDX are left out. */
function* blocksOf(body: string): Generator<undefined, Block[]> {
  const blocks: Block[] = [];
  let fence = "";
  let isExport = false;
  for (const [index, line] of body.split("\n").entries()) {
    if (index % LINES_A_STEP === LINES_A_STEP - 1) yield;
    const mark = FENCE.exec(line)?.[1] ?? "";
    if (fence !== "") {
      blocks.at(-1)?.lines.push(line);
      const isEnd = mark.startsWith(fence) && line.trim().replace(/^[>\s]+/, "") === mark;
      if (isEnd) fence = "";
      continue;
    }
    isExport = EXPORT.test(line) || (isExport && line.trim() !== "");
    if (isExport || IMPORT.test(line)) continue;
    fence = mark;
    const last = blocks.at(-1);
    if (mark === "" && last?.isCode === false) last.lines.push(line);
    else blocks.push({ isCode: mark !== "", lines: [line] });
  }
  return blocks;
}

/** Whether a line above an underline is a heading, and not an entry of a list, a table or a paragraph. */
function isUnderlined(line: string, before: string | undefined): boolean {
  return (
    line.trim() !== "" && (before ?? "").trim() === "" && !/^\s*(?:[-*+>|]|\d+[.)])\s/.test(line)
  );
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split("|").map((cell) => cell.trim());
}
