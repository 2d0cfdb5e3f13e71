import { HtmlTable } from "./html-table.ts";
import type { Attributes } from "./html-tokens.ts";
import type { HtmlWriter } from "./html-writer.ts";

/** Where in a page an element begins. */
export interface Surroundings {
  readonly writer: HtmlWriter;
  /** The open tables, the innermost last. */
  readonly tables: HtmlTable[];
  /** The open lists: the number of the last entry, or undefined for a list without numbers. */
  readonly lists: (number | undefined)[];
  /** How many `details` are open. */
  details: number;
}

/** What an element does besides being a block. It returns what is to be done at the element's end. */
type Behaviour = (around: Surroundings, attributes: Attributes) => (() => void) | undefined;

/** Below the headings of the page. */
const DETAILS_LEVEL = 6;
const MAX_INDENT = 8;

const headingOf =
  (level: number): Behaviour =>
  ({ writer }, attributes) =>
    writer.isCapturing ? undefined : writer.captureHeading(level, attributes.get("id"));

const anchor: Behaviour = ({ writer }, attributes) => {
  writer.anchor(attributes.get("id") ?? attributes.get("name"));
  return undefined;
};

const link: Behaviour = (around, attributes) => {
  anchor(around, attributes);
  const contact = /^(?:mailto|tel):([^?]{3,100})/i.exec(attributes.get("href") ?? "")?.[1];
  return contact === undefined ? undefined : around.writer.contact(contact.trim());
};

function listFrom(last: number | undefined): Behaviour {
  return ({ lists }) => {
    lists.push(last);
    return () => lists.pop();
  };
}

const numberedList: Behaviour = (around, attributes) =>
  listFrom(wholeNumber(attributes.get("start"), 1, 1_000_000) - 1)(around, attributes);

const listEntry: Behaviour = ({ writer, lists }) => {
  const last = lists.at(-1);
  if (last !== undefined) lists[lists.length - 1] = last + 1;
  const indent = "  ".repeat(Math.min(Math.max(lists.length - 1, 0), MAX_INDENT));
  return writer.lead(`${indent}${last === undefined ? "-" : `${last + 1}.`} `);
};

const table: Behaviour = ({ writer, tables }) => {
  const opened = new HtmlTable();
  tables.push(opened);
  return () => {
    tables.pop();
    writer.addLine(opened.end());
  };
};

const row: Behaviour = ({ writer, tables }) => {
  const around = tables.at(-1);
  around?.beginRow();
  return around === undefined ? undefined : () => writer.addLine(around.endRow());
};

const headerCell: Behaviour = ({ writer, tables }, attributes) => {
  const around = tables.at(-1);
  if (around === undefined || writer.isCapturing) return undefined;
  const cell = around.beginCell(...spansOf(attributes));
  if (!around.isHeadOfRow) return writer.cell(around, around.leadOf(cell.column));
  const take = writer.captureCell();
  return () => around.hold({ ...cell, text: take() });
};

const dataCell: Behaviour = ({ writer, tables }, attributes) => {
  const around = tables.at(-1);
  if (around === undefined || writer.isCapturing) return undefined;
  const { column } = around.beginCell(...spansOf(attributes));
  const rowHead = around.beginData();
  if (rowHead !== "") {
    writer.add(rowHead);
    around.rowHasText = true;
  }
  return writer.cell(around, around.leadOf(column));
};

function spansOf(attributes: Attributes): [columns: number, rows: number] {
  const span = (name: string) => Math.max(wholeNumber(attributes.get(name), 1, 1000), 1);
  return [span("colspan"), span("rowspan")];
}

function wholeNumber(text: string | undefined, otherwise: number, most: number): number {
  return text !== undefined && /^\s*\d{1,9}\s*$/.test(text)
    ? Math.min(Number(text), most)
    : otherwise;
}

const details: Behaviour = (around) => {
  around.details++;
  return () => around.writer.endLevel(DETAILS_LEVEL + around.details--);
};

/** The question of an answer that opens. */
const summary: Behaviour = (around, attributes) =>
  around.details === 0 ? undefined : headingOf(DETAILS_LEVEL + around.details)(around, attributes);

const preformatted: Behaviour = ({ writer }) => writer.preformat();

export const BEHAVIOURS: ReadonlyMap<string, Behaviour> = new Map([
  ...[1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, headingOf(level)] as const),
  ["a", link],
  ["section", anchor],
  ["span", anchor],
  ["ul", listFrom(undefined)],
  ["ol", numberedList],
  ["li", listEntry],
  ["table", table],
  ["tr", row],
  ["th", headerCell],
  ["td", dataCell],
  ["details", details],
  ["summary", summary],
  ["pre", preformatted],
] as const);
