import { expect, test } from "bun:test";

import fc from "fast-check";

import {
  contrast,
  legible,
  parseComputedColour,
  readableOn,
  type Rgb,
} from "../../src/widget/colour.ts";

const part = fc.double({ min: 0, max: 1, noNaN: true });
const rgb = fc.tuple(part, part, part).map((colour): Rgb => colour);

test("text is readable on any accent colour", () => {
  fc.assert(fc.property(rgb, (colour) => contrast(readableOn(colour), colour) >= 4.5));
});

test("links are readable in any accent colour on both themes", () => {
  const grounds: Rgb[] = [
    [0.95, 0.955, 0.96],
    [0.15, 0.16, 0.19],
    [1, 1, 1],
  ];
  for (const ground of grounds) {
    fc.assert(fc.property(rgb, (colour) => contrast(legible(colour, ground), ground) >= 4.5));
  }
});

test("only visible colours in the computed forms color(srgb …) and rgb(…) are parsed", () => {
  expect(parseComputedColour("color(srgb 0.5 0 1e-3)")).toEqual([0.5, 0, 0.001]);
  expect(parseComputedColour("color(srgb 2 -1 0 / 0.5)")).toEqual([1, 0, 0]);
  expect(parseComputedColour("rgb(255, 0, 51)")).toEqual([1, 0, 0.2]);
  expect(parseComputedColour("rgba(255, 0, 51, 0.5)")).toEqual([1, 0, 0.2]);
  for (const text of [
    "color(srgb 0 0 0 / 0)",
    "rgba(0, 0, 0, 0)",
    "oklch(0.5 0.1 20)",
    "",
    "red",
  ]) {
    expect(parseComputedColour(text)).toBeUndefined();
  }
});
