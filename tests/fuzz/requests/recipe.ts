/**
 * A request as the generators make it. `{{name}}` stands for a value of the world that it is sent to, such as
 * a key or the newest turn, so that a failing request can be read and sent again.
 */
export interface Recipe {
  readonly method: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly headers: readonly HeaderRecipe[];
  readonly body: BodyRecipe | undefined;
}

export type HeaderRecipe = readonly [name: string, value: string];

export interface BodyRecipe {
  readonly text: string;
  readonly encoding: BodyEncoding;
}

export type BodyEncoding =
  "utf8" | "bom" | "utf16" | "latin1" | "gzip" | "cut" | "more than 2 MB" | "none";

export type Fill = (text: string) => string;

const MORE_THAN_2_MB = 2 * 1024 * 1024 + 1;

/** Replaces `{{names}}` with values. */
export function createFill(values: ReadonlyMap<string, () => string>): Fill {
  return (text) =>
    text.includes("{{")
      ? text.replaceAll(/\{\{(\w+)\}\}/g, (all, name: string) => values.get(name)?.() ?? all)
      : text;
}

export function encodeBody({ text, encoding }: BodyRecipe, fill: Fill): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Buffer.from(fill(text), encoding === "latin1" ? "latin1" : "utf8"));
  switch (encoding) {
    case "bom":
      return concat(Uint8Array.of(0xef, 0xbb, 0xbf), bytes);
    case "utf16":
      return new Uint8Array(Buffer.from(fill(text), "utf16le"));
    case "gzip":
      return new Uint8Array(Bun.gzipSync(bytes));
    case "cut":
      return bytes.subarray(0, -1);
    case "more than 2 MB":
      return concat(bytes, new Uint8Array(MORE_THAN_2_MB).fill(0x20));
    case "none":
      return new Uint8Array();
    default:
      return bytes;
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
