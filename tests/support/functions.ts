import type { SourceFile } from "./source-files.ts";

/** A function as it stands in a formatted file. */
export interface FoundFunction {
  readonly path: string;
  /** Its first line, and the number of it. */
  readonly head: string;
  readonly line: number;
  /** How many lines it has itself. */
  readonly lines: number;
}

/** The line that opens the body of a function or a method, or of a loop, which counts with its function. */
const OPENING = /(?:=> \(?|\)(?:: .+)? )\{$/;
const CLOSING = /^\s*\}/;
/** Routes, and an object that is returned, are tables of data. */
const TABLE = /^\s*(?:return \{$|.*\bnew Elysia\()/;
const DECLARATION = /^\s*(?:async )?function\b/;

interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * The functions of a file, found by their indentation, which the formatter sees to. Neither the functions that
 * are declared in one, nor the table that one ends with count as its own lines.
 */
export function functionsOf({ path, text }: SourceFile): FoundFunction[] {
  const lines = text.split("\n");
  const spans = lines.flatMap((line, at) => (OPENING.test(line) ? [spanOf(lines, at)] : []));
  const declared = spans.filter(({ first }) => DECLARATION.test(lines[first] ?? ""));
  return spans.map((span) => {
    const inner = declared.filter(({ first, last }) => span.first < first && last < span.last);
    const body = indentOf(lines[span.last]) + 2;
    let count = 0;
    for (let at = span.first; at <= span.last; at++) {
      if (indentOf(lines[at]) === body && TABLE.test(lines[at] ?? "")) break;
      if (!inner.some(({ first, last }) => first <= at && at <= last)) count++;
    }
    return { path, head: (lines[span.first] ?? "").trim(), line: span.first + 1, lines: count };
  });
}

/** From the line where the head begins to the brace that closes the body. */
function spanOf(lines: readonly string[], opening: number): Span {
  const indent = indentOf(lines[opening]);
  const isSibling = (at: number) => lines[at] !== "" && indentOf(lines[at]) === indent;
  let first = opening;
  // `): Promise<void> {` ends a head of several lines.
  if (/^\s*[)}]/.test(lines[opening] ?? ""))
    do first--;
    while (first > 0 && !isSibling(first));
  let last = opening + 1;
  while (last < lines.length - 1 && !(isSibling(last) && CLOSING.test(lines[last] ?? ""))) last++;
  return { first, last };
}

function indentOf(line = ""): number {
  return line.search(/\S|$/);
}
