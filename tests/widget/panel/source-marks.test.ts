import { describe, expect, test } from "bun:test";

import { type MarkdownNode, parseMarkdown } from "../../../src/widget/panel/markdown.ts";
import { markSources, withoutHalfMark } from "../../../src/widget/panel/source-marks.ts";

/** Writes a mark as {1} and leaves out all other elements. */
function show(node: MarkdownNode): string {
  if (typeof node === "string") return node;
  return node.tag === "cite" ? `{${node.source}}` : node.children.map(show).join("");
}

function marked(text: string): string {
  return markSources(parseMarkdown(text), new Set([1, 2]))
    .map(show)
    .join("")
    .replaceAll("\u00a0", "_");
}

describe("the marks of sources in an answer", () => {
  test.each([
    ["Yes [1].", "Yes_{1}."],
    ["Yes[1][2]", "Yes{1}{2}"],
    ["**Yes [1]**\n\n- [2] no", "Yes_{1}{2} no"],
    ["# Prices [1]", "Prices_{1}"],
  ])("are found in %j", (text, shown) => {
    expect(marked(text)).toBe(shown);
  });

  test.each([
    "no source has [3], [0] or [12]",
    "a half one [1",
    "`list[1]`",
    "```\nlist[1]\n```",
    "[see 1](https://a.test/[1])",
    "[1](/shipping)",
    "\\[1\\]",
    "[01] [1, 2] [1 ]",
  ])("are not found in %j", (text) => {
    expect(marked(text)).not.toContain("{");
  });

  test("lead to a page where the number is the text of a link", () => {
    expect(markSources(parseMarkdown("[1](https://a.test/)"), new Set([1]))).toEqual(
      parseMarkdown("[1](https://a.test/)"),
    );
  });

  test.each([
    ["three days [", "three days "],
    ["three days [1", "three days "],
    ["three days [12]", "three days "],
    ["three days [1] ", "three days [1] "],
    ["three days [a", "three days [a"],
  ])("are not shown while they may be half: %j", (text, shown) => {
    expect(withoutHalfMark(text)).toBe(shown);
  });
});
