import { expect, test } from "bun:test";

import fc from "fast-check";

import { twoSignificantDigits } from "../../src/store/figures.ts";

test("times are rounded to two significant digits, with an error of at most 5 %", () => {
  fc.assert(
    fc.property(fc.nat(86_400_000), (ms) => {
      const kept = twoSignificantDigits(ms);
      if (ms < 100_000) expect(Math.abs(kept - ms)).toBeLessThanOrEqual(ms * 0.05);
    }),
  );
  const kept = new Set(Array.from({ length: 100_000 }, (_, ms) => twoSignificantDigits(ms)));
  expect(kept.size).toBeLessThan(400);
});
