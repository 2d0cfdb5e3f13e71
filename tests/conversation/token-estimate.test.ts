import { expect, test } from "bun:test";

import { estimateTokens } from "../../src/conversation/token-estimate.ts";

/** Each text with the fewest and the most tokens that an estimate may have, by the tokenizers of current models. */
test.each([
  ["English", "The quick brown fox jumps over the lazy dog. ".repeat(100), 1000, 1600],
  [
    "code",
    "for (let i = 0; i < items.length; i++) { sum += items[i].price * 3; }\n".repeat(100),
    2200,
    2700,
  ],
  ["Russian", "Съешь ещё этих мягких французских булок, да выпей чаю. ".repeat(100), 1600, 3500],
  ["Chinese", "我能吞下玻璃而不伤身体。".repeat(100), 800, 1300],
  ["Japanese", "私はガラスを食べられます。".repeat(100), 900, 1400],
  ["emoji", "🙂🎉🚀".repeat(100), 300, 600],
  ["digits", "31415926535897932384".repeat(100), 650, 1000],
])(
  "a text in %s is estimated at as many tokens as it has, or some more",
  (_, text, least, most) => {
    const estimated = estimateTokens(text);
    expect(estimated).toBeGreaterThanOrEqual(least);
    expect(estimated).toBeLessThanOrEqual(most);
  },
);

test("a message without text counts the 4 tokens that frame it", () => {
  expect(estimateTokens("")).toBe(4);
});
