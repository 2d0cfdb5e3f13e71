import type { Reading } from "../../src/readers/reading.ts";

/** The parts of a reading, a line each: `Heading › Heading #anchor: text`. Or the reason why there are none. */
export function shown(reading: Reading): string[] {
  if (reading.kind !== "read") return [`${reading.kind}: ${reading.reason}`];
  return reading.document.parts.map(({ path, anchor, text }) => {
    const fragment = anchor === "" ? "" : ` #${anchor}`;
    return `${path.join(" › ")}${fragment}: ${text}`;
  });
}

/** The text of a reading without its headings. */
export function textOf(reading: Reading): string {
  return reading.kind === "read"
    ? reading.document.parts.map(({ text }) => text).join("\n\n")
    : `${reading.kind}: ${reading.reason}`;
}

export function titleOf(reading: Reading): string | undefined {
  return reading.kind === "read" ? reading.document.title : undefined;
}
