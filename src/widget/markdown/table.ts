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
  const cells: string[] = [];
  let cell = "";
  const row = line.trim().replace(/^\|/, "");
  for (let at = 0; at < row.length; at++) {
    if (row.startsWith("\\|", at)) {
      cell += "|";
      at++;
    } else if (row[at] === "|") {
      cells.push(cell.trim());
      cell = "";
    } else cell += row[at];
  }
  // Behind the last bar there need not be a cell.
  return cell.trim() === "" ? cells : [...cells, cell.trim()];
}
