import type { SourceFile } from "./source-files.ts";

/** A function in a formatted file. */
interface FoundFunction {
  readonly path: string;
  /** Its first line, and that line's number. */
  readonly head: string;
  readonly line: number;
  /** The number of its own lines. */
  readonly lines: number;
}

/** The line that opens the body of a function or a method, or of a loop, whose lines count for its function. */
const OPENING = /(?:=> \(?|\)(?:: .+)? )\{$/;
const CLOSING = /^\s*\}/;
/** Routes and returned objects are tables of data. */
const TABLE = /^\s*(?:return \{$|.*\bnew Elysia\()/;
const DECLARATION = /^\s*(?:async )?function\b/;

interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * The functions of a file, found by their indentation, which the formatter keeps regular. Functions declared
 * inside another one and a table at its end do not count as its own lines.
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

/** The lines from the beginning of the head to the brace that closes the body. */
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
