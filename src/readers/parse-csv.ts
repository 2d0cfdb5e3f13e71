/** A quotation mark was not closed. */
export class OpenQuotationError extends Error {
  override readonly name = "OpenQuotationError";
}

const SEPARATORS = [",", ";", "\t", "|"] as const;
type Separator = (typeof SEPARATORS)[number];
/** How much of the file says which separator it has. */
const SAMPLE = 10_000;

/**
 * The rows of a table as RFC 4180 has it, separated by commas, semicolons, tabs or bars: whichever the first line has
 * most of. Empty rows are left out.
 * @throws OpenQuotationError
 */
export function* parseCsv(text: string): Generator<string[]> {
  const told = /^sep=([,;|\t])\r?\n/i.exec(text);
  const separator = told?.[1] ?? mostOf(text);
  let at = told?.[0].length ?? 0;
  let row: string[] = [];
  while (at < text.length) {
    const { value, end } =
      text[at] === '"' ? quoted(text, at, separator) : bare(text, at, separator);
    row.push(value);
    const sign = text[end];
    if (sign === separator) {
      at = end + 1;
      // A separator at the very end has an empty cell behind it.
      if (at < text.length) continue;
      row.push("");
    } else {
      at = end + (sign === "\r" && text[end + 1] === "\n" ? 2 : 1);
    }
    if (row.some((cell) => cell.trim() !== "")) yield row;
    row = [];
  }
}

function mostOf(text: string): Separator {
  const head = text.slice(0, SAMPLE).replaceAll(/"[^"]*"/g, "");
  const line = head.split(/[\r\n]+/).find((each) => each.trim() !== "") ?? "";
  const count = (sign: string) => line.split(sign).length;
  return SEPARATORS.reduce((best, each) => (count(each) > count(best) ? each : best));
}

interface Cell {
  readonly value: string;
  /** The place of the separator or line end behind it. */
  readonly end: number;
}

function bare(text: string, from: number, separator: string): Cell {
  let end = from;
  while (end < text.length) {
    const sign = text[end];
    if (sign === separator || sign === "\n" || sign === "\r") break;
    end++;
  }
  return { value: text.slice(from, end), end };
}

function quoted(text: string, from: number, separator: string): Cell {
  const pieces: string[] = [];
  let at = from + 1;
  for (;;) {
    const mark = text.indexOf('"', at);
    if (mark === -1) throw new OpenQuotationError(lineOf(text, from));
    pieces.push(text.slice(at, mark));
    if (text[mark + 1] !== '"') {
      // What stands behind a closed quotation belongs to the cell, as spreadsheets have it.
      const rest = bare(text, mark + 1, separator);
      return { value: pieces.join("") + rest.value, end: rest.end };
    }
    pieces.push('"');
    at = mark + 2;
  }
}

function lineOf(text: string, at: number): string {
  const line = text.slice(0, at).split(/\r\n|[\r\n]/).length;
  return `The quotation mark in line ${line} is not closed.`;
}
