/**
 * The text format of COPY, written as PostgreSQL itself writes it. So what was sent and what is read back can be
 * compared byte by byte: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2
 */
const ESCAPES: Readonly<Record<string, string>> = {
  // PostgreSQL stores no NUL, which a model may have sent.
  "\0": "\ufffd",
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[\0\\\b\f\n\r\t\v]/g;
const NULL = "\\N";

/** A value of a row, as it stands between two tabs. */
export function copyValue(value: string | number | null): string {
  if (value === null) return NULL;
  if (typeof value === "number") return String(value);
  return value.replaceAll(ESCAPED, (character) => ESCAPES[character] ?? character);
}
