import { expect, test } from "bun:test";

import { withoutHalfMark } from "../../../src/widget/markdown/half-mark.ts";
import { parseMarkdown } from "../../../src/widget/markdown/parse.ts";
import { plainText } from "../../../src/widget/markdown/plain-text.ts";

test.each([
  ["# Yes\n\n**We** ship [there](/x) [1].", "Yes\nWe ship there\u00a0."],
  ["- a\n  - b `c`\n- d", "a\nb c\nd"],
  ["| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"],
  ["> quoted\n\n```sh\nrun\n```\n---\nend", "quoted\nrun\nend"],
])("the plain text of %j has no marks, and a line for each block", (text, plain) => {
  expect(plainText(parseMarkdown(text, { sources: new Set([1]) }))).toBe(plain);
});

test.each([
  ["three days [", "three days "],
  ["three days [1", "three days "],
  ["three days [12]", "three days "],
  ["three days [1] ", "three days [1] "],
  ["three days [a", "three days [a"],
])("a mark of a source that may be half is left out: %j", (text, shown) => {
  expect(withoutHalfMark(text)).toBe(shown);
});
