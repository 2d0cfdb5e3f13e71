import { describe, expect, test } from "bun:test";

import { RepeatedLines } from "../../src/knowledge/repeated-lines.ts";
import type { ReadDocument } from "../../src/text/document.ts";

function page(...texts: string[]): ReadDocument {
  const parts = texts.map((text) => ({ path: [], anchor: "", text }));
  return { title: "A page", lang: undefined, parts };
}

const textsOf = ({ parts }: ReadDocument) => parts.map(({ text }) => text);

/** After these pages, each with what is given for its number. */
function after(pages: number, textOf: (index: number) => string): RepeatedLines {
  const lines = new RepeatedLines();
  for (let index = 0; index < pages; index++) lines.count(page(textOf(index)));
  return lines;
}

describe("the lines that pages have in common", () => {
  const shared = (index: number) =>
    `Page ${index} has this.\n\nAdd to cart now\n\nThe end of ${index}.`;

  test("are left out", () => {
    const lines = after(10, shared);
    expect(textsOf(lines.without(page(shared(3))))).toEqual(["Page 3 has this.\n\nThe end of 3."]);
  });

  test("stay while too few pages are known", () => {
    const lines = after(9, shared);
    expect(textsOf(lines.without(page(shared(3))))).toEqual([shared(3)]);
  });

  test.each([
    [20, true],
    [21, false],
  ])("of %p pages in a hundred stay: %p", (pages, isKept) => {
    const lines = after(100, (index) => (index < pages ? "Add to cart now" : "Nothing in common"));
    expect(textsOf(lines.without(page("A text.\nAdd to cart now")))).toEqual([
      isKept ? "A text.\nAdd to cart now" : "A text.",
    ]);
  });

  test("count once for each page", () => {
    const lines = after(10, (index) => (index === 0 ? "Add to cart now\n".repeat(50) : `${index}`));
    expect(textsOf(lines.without(page("Add to cart now")))).toEqual(["Add to cart now"]);
  });

  test("take their part with them, and never the whole page", () => {
    const lines = after(10, shared);
    expect(textsOf(lines.without(page("Add to cart now", "A text.")))).toEqual(["A text."]);
    expect(textsOf(lines.without(page("Add to cart now")))).toEqual(["Add to cart now"]);
  });

  test("stay in code, and where they are short or no words", () => {
    const code = "```js\nimport { x } from 'y';\n```";
    const lines = after(10, () => `${code}\nYes\n| ---------- |`);
    const text = `A text.\n${code}\nYes\n| ---------- |`;
    expect(textsOf(lines.without(page(text)))).toEqual([text]);
  });

  test("are found among more lines than can be remembered", () => {
    const lines = new RepeatedLines();
    for (let index = 0; index < 100; index++) {
      const own = Array.from({ length: 2000 }, (_, line) => `The line ${line} of page ${index}`);
      lines.count(page(`${own.join("\n")}\nAdd to cart now`));
    }
    expect(textsOf(lines.without(page("A text.\nAdd to cart now")))).toEqual(["A text."]);
  });
});
