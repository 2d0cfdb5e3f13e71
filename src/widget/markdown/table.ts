import type { Alignment } from "./tree.ts";

const DELIMITER_ROW = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** The alignments that the line under a table's head sets, a cell each. Undefined for any other line. */
export function readAlignments(line: string): (Alignment | undefined)[] | undefined {
  if (!line.includes("|") || !DELIMITER_ROW.test(line)) return undefined;
  return splitRow(line).map((cell) => {
    const isLeft = cell.startsWith(":");
    if (cell.endsWith(":")) return isLeft ? "center" : "right";
    return isLeft ? "left" : undefined;
  });
}

/** The cells of a row. A bar behind a backslash belongs to its cell, also in code. */
export function splitRow(line: string): string[] {
  const row = line.trim().replace(/^\|/, "");
  // There is no null character in a text.
  const cells = row.replaceAll("\\|", "\0").split("|");
  // Behind the last bar there need not be a cell.
  if (!cells.at(-1)?.trim()) cells.pop();
  return cells.map((cell) => cell.trim().replaceAll("\0", "|"));
}
