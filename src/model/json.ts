/** What came as JSON, with every field still to be looked at: servers differ in all that is optional. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as an object with fields; undefined where it is something else. */
export function object(value: unknown): Json | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}

/** The value of a text in JSON; undefined where it is none. The text may be a visitor's and is not kept. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
