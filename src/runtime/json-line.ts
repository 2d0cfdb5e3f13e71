/**
 * The line ends that JSON.stringify does not escape. Readers that follow Unicode, such as Python's
 * `splitlines`, end a line at each of them.
 */
const LINE_ENDS = /[\u0085\u2028\u2029]/;
const ALL_LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** The value as JSON that every reader takes for one line. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  if (!LINE_ENDS.test(json)) return json;
  return json.replace(
    ALL_LINE_ENDS,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
