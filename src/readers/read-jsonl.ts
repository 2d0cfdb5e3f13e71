import { useOf } from "./column-names.ts";
import { documentsOf, type Entry } from "./entry-list.ts";
import type { FileReading } from "./file-reading.ts";

/** A line is not JSON, or not an object with a text. */
class BadLineError extends Error {
  override readonly name = "BadLineError";
}

/**
 * Reads objects with a `text` (or `answer`, `content`) and, if they have it, a `title` (or `question`) and a `url`:
 * one a line, or all in one array. Never throws.
 */
export function readJsonl(text: string): FileReading {
  try {
    return documentsOf(entriesOf(text.replace(/^\uFEFF/, "").trim()));
  } catch (error) {
    if (error instanceof BadLineError) return { kind: "unreadable", reason: error.message };
    throw error;
  }
}

function* entriesOf(text: string): Generator<Entry> {
  if (text.startsWith("[")) {
    const values: unknown = parse(text, "The file");
    if (!Array.isArray(values)) throw new BadLineError("The file is not a list.");
    for (const [index, value] of values.entries()) yield entryOf(value, `Entry ${index + 1}`);
    return;
  }
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") yield entryOf(parse(line, `Line ${index + 1}`), `Line ${index + 1}`);
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadLineError(`${what} is not JSON.`);
  }
}

function entryOf(value: unknown, what: string): Entry {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadLineError(`${what} is not an object.`);
  }
  const found: Partial<Record<string, string>> = {};
  for (const [name, field] of Object.entries(value)) {
    const use = useOf(name);
    if (use !== undefined && typeof field === "string") found[use] ??= field;
  }
  if (found["text"] === undefined) {
    throw new BadLineError(`${what} has no "text", "answer" or "content".`);
  }
  return { title: found["title"] ?? "", text: found["text"], address: found["address"] };
}
