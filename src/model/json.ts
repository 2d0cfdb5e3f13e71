/** An object from JSON. Its fields must be checked before use, because servers differ in everything optional. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as an object with fields; undefined where it is something else. */
export function object(value: unknown): Json | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}

/** The value of a JSON text; undefined for any other text. No error carries the text: it may be a visitor's. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
