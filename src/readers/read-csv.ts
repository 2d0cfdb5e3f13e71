import { cleanLine, cleanText } from "./clean-text.ts";
import { useOf } from "./column-names.ts";
import { documentsOf, type Entry } from "./entry-list.ts";
import type { FileReading } from "./file-reading.ts";
import { OpenQuotationError, parseCsv } from "./parse-csv.ts";

/**
 * Reads a table. With a column of questions (or titles) and one of answers (or texts), each row is a document of this
 * title; in any other table a row is a document of "column: value" lines. Never throws.
 */
export function readCsv(text: string): FileReading {
  try {
    return documentsOf(entriesOf(text));
  } catch (error) {
    if (error instanceof OpenQuotationError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
}

function* entriesOf(text: string): Generator<Entry> {
  const rows = parseCsv(text.replace(/^\uFEFF/, ""));
  const first = rows.next();
  if (first.done === true) return;
  const header = first.value.map((name) => cleanLine(name));
  const find = (use: string) => header.findIndex((name) => useOf(name) === use);
  const [title, body, address] = [find("title"), find("text"), find("address")];
  const isQuestions = header.length === 2 && /[?？؟]$/.test(header[0] ?? "");
  if (isQuestions && body === -1) yield pairOf(first.value, 0, 1, -1);
  for (const row of rows) {
    if (isQuestions) yield pairOf(row, 0, 1, -1);
    else if (title !== -1 && body !== -1) yield pairOf(row, title, body, address);
    else yield rowOf(header, row, title, address);
  }
}

function pairOf(row: readonly string[], title: number, body: number, address: number): Entry {
  return { title: row[title] ?? "", text: row[body] ?? "", address: row[address] };
}

/** A row as lines that make sense without the head of the table. */
function rowOf(
  header: readonly string[],
  row: readonly string[],
  title: number,
  address: number,
): Entry {
  const lines = row.flatMap((cell, column) => {
    const value = cleanText(cell).trim();
    const name = header[column] ?? "";
    if (value === "" || column === address) return [];
    return [name === "" ? value : `${name}: ${value}`];
  });
  const named = title === -1 ? row.find((cell) => cell.trim() !== "") : row[title];
  return { title: named ?? "", text: lines.join("\n"), address: row[address] };
}
