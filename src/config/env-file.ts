/**
 * Reads the text of a `.env` file. The rules, which docs/settings.md documents:
 *
 * - A line is `NAME=value`, optionally after `export `. Blank lines and lines that begin with `#` are skipped.
 * - Without quotes, a value ends at the end of its line or at a `#` after white space or the `=`.
 * - In `'…'`, `"…"` or backticks a value keeps white space and `#`, and may have several lines. In double
 *   quotes, `\n` and `\r` are line ends and `\"` is a quote.
 * - `$` is a dollar sign and is never expanded. So is `\$`, which files written for Bun contain.
 */

/** A line of the file that sets a variable, or one that cannot be read. */
type EnvLine =
  | {
      readonly kind: "assignment";
      readonly name: string;
      readonly value: string;
      /** Whether the value is empty because all of it, such as `#0f766e`, was read as a comment. */
      readonly isAllComment?: true;
    }
  | { readonly kind: "problem"; readonly name: string | undefined; readonly problem: string };

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/;
const BLANK_OR_COMMENT = /^[ \t]*(?:#|$)/;
const QUOTES = ["'", '"', "`"];

/** @param source the decoded text, without a byte order mark */
export function parseEnvFile(source: string): EnvLine[] {
  const text = source.replace(/\r\n?/g, "\n");
  const found: EnvLine[] = [];
  let lineNumber = 1;
  for (let start = 0; start < text.length; lineNumber++) {
    const { line, end } = readLine(text, start, lineNumber);
    if (line !== undefined) found.push(line);
    lineNumber += countLineEnds(text, start, end);
    start = end + 1;
  }
  return found;
}

interface ReadLine {
  /** Undefined for a blank line and a comment. */
  readonly line: EnvLine | undefined;
  /** The index where the line ends; for a quoted value, where its last line ends. */
  readonly end: number;
}

function readLine(text: string, start: number, lineNumber: number): ReadLine {
  const end = endOfLine(text, start);
  const written = text.slice(start, end);
  if (BLANK_OR_COMMENT.test(written)) return { line: undefined, end };
  const [head = "", name] = ASSIGNMENT.exec(written) ?? [];
  const wrong = (problem: string): ReadLine => {
    return { line: { kind: "problem", name, problem: `line ${lineNumber} ${problem}` }, end };
  };
  if (name === undefined) return wrong("is neither NAME=value nor a comment");
  const opening = start + head.length;
  if (!QUOTES.includes(text[opening] ?? "")) {
    const value = plainValue(written.slice(head.length));
    const isAllComment = /=#\S/.test(text.slice(opening - 1, opening + 2));
    return {
      line: { kind: "assignment", name, value, ...(isAllComment && { isAllComment }) },
      end,
    };
  }
  const closing = closingQuote(text, opening);
  if (closing === -1) return wrong("has a quote that is not closed");
  const lastEnd = endOfLine(text, closing);
  if (!BLANK_OR_COMMENT.test(text.slice(closing + 1, lastEnd))) {
    return wrong("has text after the closing quote");
  }
  return {
    line: { kind: "assignment", name, value: quotedValue(text.slice(opening, closing)) },
    end: lastEnd,
  };
}

function plainValue(written: string): string {
  const [value = ""] = written.split(/(?:^|[ \t]+)#/, 1);
  return value.trim().replaceAll("\\$", "$");
}

/** @param written the value with its opening quote and without the closing one */
function quotedValue(written: string): string {
  const inner = written.slice(1);
  const meant = written.startsWith('"')
    ? inner.replaceAll("\\n", "\n").replaceAll("\\r", "\r").replaceAll('\\"', '"')
    : inner;
  return meant.replaceAll("\\$", "$");
}

/** @returns the index, or -1 */
function closingQuote(text: string, opening: number): number {
  const quote = text[opening] ?? "";
  let at = text.indexOf(quote, opening + 1);
  while (quote === '"' && at !== -1 && isEscaped(text, at)) at = text.indexOf(quote, at + 1);
  return at;
}

/** A double quote after an odd number of backslashes belongs to the text. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function countLineEnds(text: string, from: number, to: number): number {
  return text.slice(from, to).split("\n").length - 1;
}
