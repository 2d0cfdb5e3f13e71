import { cleanLine, cleanText } from "./clean-text.ts";
import { asFile, type FileReading } from "./file-reading.ts";
import { labelledRow } from "./labelled-row.ts";
import { partsOf, type Piece, topHeadingOf } from "./outline.ts";
import { readingOf } from "./reading.ts";
import { attributeOf, readXml } from "./xml-tokens.ts";
import { readZip, UnreadableZipError } from "./zip.ts";

/** A document that is larger unpacked is no document for readers. */
const MAX_XML_BYTES = 64 * 1024 * 1024;

/** Reads a document of Word: its paragraphs under its headings, lists, and rows of tables. Never throws. */
export function readDocx(bytes: Uint8Array): FileReading {
  try {
    return asFile(read(bytes));
  } catch (error) {
    if (error instanceof UnreadableZipError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
}

function read(bytes: Uint8Array) {
  const entries = readZip(bytes);
  const textOf = (path: string) => {
    const unpacked = entries.find((entry) => entry.path === path)?.unpack(MAX_XML_BYTES);
    return unpacked === undefined ? undefined : new TextDecoder().decode(unpacked);
  };
  const xml = textOf("word/document.xml");
  if (xml === undefined) throw new UnreadableZipError("It is no document of Word.");
  const body = new DocxBody(headingStyles(textOf("word/styles.xml") ?? ""));
  const pieces = body.read(xml);
  const title = titleIn(textOf("docProps/core.xml") ?? "") || topHeadingOf(pieces);
  return readingOf({ title, lang: undefined, parts: partsOf(pieces, title) });
}

function titleIn(properties: string): string {
  let isTitle = false;
  for (const token of readXml(properties)) {
    if (token.kind === "text" && isTitle) return cleanLine(token.text);
    isTitle = token.kind === "start" && token.name === "dc:title";
  }
  return "";
}

/** The levels of the styles that are headings, whatever language their names are in. */
function headingStyles(xml: string): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  let style = "";
  for (const token of readXml(xml)) {
    if (token.kind !== "start") continue;
    const value = attributeOf(token.attributes, "w:val") ?? "";
    if (token.name === "w:style") style = attributeOf(token.attributes, "w:styleId") ?? "";
    else if (token.name === "w:name") {
      const [, number] = /^heading (\d)$/i.exec(value) ?? [];
      if (number !== undefined) levels.set(style, Number(number));
      else if (/^title$/i.test(value)) levels.set(style, 1);
    } else if (token.name === "w:outlineLvl" && !levels.has(style) && Number(value) < 9) {
      levels.set(style, Number(value) + 1);
    }
  }
  return levels;
}

/** Text that Word does not show: what was deleted, codes of fields, and copies for older versions. */
const UNSEEN: ReadonlySet<string> = new Set(["w:del", "w:instrText", "mc:Fallback", "w:moveFrom"]);

interface Table {
  readonly rows: string[][];
  cells: string[];
  cell: string[];
}

class DocxBody {
  readonly #levels: ReadonlyMap<string, number>;
  readonly #pieces: Piece[] = [];
  readonly #tables: Table[] = [];
  /** Those under the heading so far, with whether each is an entry of a list. */
  #paragraphs: { readonly text: string; readonly isEntry: boolean }[] = [];
  #paragraph = "";
  #style = "";
  #listLevel: number | undefined;
  #isText = false;
  #unseen = 0;

  constructor(levels: ReadonlyMap<string, number>) {
    this.#levels = levels;
  }

  read(xml: string): Piece[] {
    for (const token of readXml(xml)) {
      if (token.kind === "text") {
        if (this.#isText && this.#unseen === 0) this.#paragraph += token.text;
      } else if (UNSEEN.has(token.name)) this.#unseen += token.kind === "start" ? 1 : -1;
      else if (token.kind === "start") this.#start(token.name, token.attributes);
      else this.#end(token.name);
    }
    this.#endParagraph();
    this.#flush();
    return this.#pieces;
  }

  #start(name: string, attributes: string): void {
    const value = attributeOf(attributes, "w:val") ?? "";
    if (name === "w:p") this.#endParagraph();
    else if (name === "w:t") this.#isText = true;
    else if (name === "w:tab") this.#paragraph += " ";
    else if (name === "w:br" || name === "w:cr") this.#paragraph += "\n";
    else if (name === "w:noBreakHyphen") this.#paragraph += "-";
    else if (name === "w:pStyle") this.#style = value;
    else if (name === "w:ilvl") this.#listLevel = Math.min(Number(value) || 0, 8);
    else if (name === "w:numPr") this.#listLevel ??= 0;
    else if (name === "w:tbl") this.#tables.push({ rows: [], cells: [], cell: [] });
  }

  #end(name: string): void {
    const table = this.#tables.at(-1);
    if (name === "w:t") this.#isText = false;
    else if (name === "w:p") this.#endParagraph();
    else if (table === undefined) return;
    else if (name === "w:tc") {
      table.cells.push(table.cell.join(" "));
      table.cell = [];
    } else if (name === "w:tr") {
      table.rows.push(table.cells);
      table.cells = [];
    } else if (name === "w:tbl") this.#endTable();
  }

  #endTable(): void {
    const [header = [], ...rows] = this.#tables.pop()?.rows ?? [];
    const isHeaded = rows.length > 0 && header.length > 1 && header.every((cell) => cell !== "");
    const lines = isHeaded
      ? rows.map((row) => labelledRow(header, row))
      : [header, ...rows].map((row) => labelledRow([], row));
    this.#put(lines.filter((line) => line !== "").join("\n"));
  }

  #endParagraph(): void {
    const text = cleanText(this.#paragraph).trim();
    const level = this.#levels.get(this.#style);
    const listLevel = this.#listLevel;
    this.#paragraph = "";
    this.#style = "";
    this.#listLevel = undefined;
    if (text === "") return;
    if (level !== undefined && this.#tables.length === 0) {
      this.#flush();
      this.#pieces.push({ kind: "heading", level, text: cleanLine(text), anchor: "" });
    } else if (listLevel !== undefined) this.#put(`${"  ".repeat(listLevel)}- ${text}`, true);
    else this.#put(text);
  }

  /** Adds text to the cell that is open, or to the text under the heading. */
  #put(text: string, isEntry = false): void {
    if (text === "") return;
    const table = this.#tables.at(-1);
    if (table !== undefined) table.cell.push(text.replaceAll(/\s+/g, " "));
    else this.#paragraphs.push({ text, isEntry });
  }

  #flush(): void {
    const text = this.#paragraphs.map(({ text: paragraph, isEntry }, index) => {
      const before = this.#paragraphs[index - 1];
      if (before === undefined) return paragraph;
      return (isEntry && before.isEntry ? "\n" : "\n\n") + paragraph;
    });
    this.#paragraphs = [];
    if (text.length > 0) this.#pieces.push({ kind: "text", text: text.join("") });
  }
}
