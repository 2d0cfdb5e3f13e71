import { expect, test } from "bun:test";

import { preview, PREVIEW_LENGTH } from "../../src/store/preview.ts";

test("A preview that ends in the middle of an emoji leaves the emoji out", () => {
  const text = "x".repeat(PREVIEW_LENGTH - 1);
  expect(preview(`${text}😀`)).toBe(text);
  expect(preview(`${text.slice(1)}😀 and more`)).toBe(`${text.slice(1)}😀`);
});
