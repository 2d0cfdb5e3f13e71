import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { scaleFor } from "../../../src/dashboard/overview/scale.ts";

describe("a scale", () => {
  test.each([
    [0, [1, 2, 3]],
    [4, [2, 4, 6]],
    [100, [40, 80, 120]],
    [1001, [400, 800, 1200]],
  ])("for values up to %p has three round lines", (highest, lines) => {
    expect(scaleFor(highest)).toEqual({ lines, top: lines[2] ?? 0 });
  });

  test("of shares ends at 100 %", () => {
    expect(scaleFor(0.95, 0.01, 1)).toEqual({ lines: [0.5, 1], top: 1 });
  });

  test("is never below the highest value, and from 2 on at most twice as high", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (highest) => {
        const { top, lines } = scaleFor(highest);
        expect(top).toBeGreaterThanOrEqual(highest);
        expect(top).toBeLessThanOrEqual(Math.max(3, highest * 2));
        expect(lines.every((line) => Number.isInteger(line))).toBe(true);
      }),
    );
  });
});
