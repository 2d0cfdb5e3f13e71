import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { startStopwatch } from "../../harness/stopwatch.ts";
import { readMarkdownInSteps } from "../../src/readers/read-markdown.ts";
import { readText } from "../../src/readers/read-text.ts";
import { atOnce } from "../../src/runtime/event-loop-turn.ts";
import { shown, textOf, titleOf } from "./shown.ts";

const readMarkdown = (markdown: string) => atOnce(readMarkdownInSteps(markdown));

describe("Markdown", () => {
  test("is its text under its headings, with GitHub's anchors", () => {
    const reading = readMarkdown(`# Shipping & *more*\r
Intro\r
\r
## In the EU\r
3 days\r
### \`code_name\` here ##\r
x\r
## In the EU\r
again\r
## Own {#my-id}\r
y\r
Underlined\r
---\r
z
\r
Real underline\r
==============\r
w`);
    expect(titleOf(reading)).toBe("Shipping & more");
    expect(shown(reading)).toEqual([
      " #shipping--more: Intro",
      "In the EU #in-the-eu: 3 days",
      "In the EU › code_name here #code_name-here: x",
      "In the EU #in-the-eu-1: again",
      "Own #my-id: y\nUnderlined\n---\nz",
      "Real underline #real-underline: w",
    ]);
  });

  test.each([
    [
      "links",
      "a [b](https://x.test/(y) 'T') [c][1] [d] [e][] [f]\n\n[1]: /x\n[d]: <y>\n[E]: z 't'",
      "a b c d e [f]",
    ],
    ["pictures, also in links", "![Dog](a.png) [![Cat](b.png)](c) ![no]", "Dog Cat no"],
    [
      "mail addresses",
      "[Write](mailto:a@b.test) <c@d.test> <https://x.test/y>",
      "Write (a@b.test) c@d.test https://x.test/y",
    ],
    ["wiki links", "[[Page]] [[Page|shown]]", "Page shown"],
    ["footnotes", "a[^1]\n\n[^1]: The note", "a\n\n The note"],
    [
      "HTML and JSX",
      "<p align=center>a<br>b</p>\n<Card\n  title='x'\n>c</Card> {/* no */}<!-- no\nno -->d",
      "a\nb\nc d",
    ],
    ["escapes and entities", "1\\. \\*a\\* &amp; &eacute; C:\\dir", "1. *a* & é C:\\dir"],
    ["code in a line", "use `<div>` and ``a`[b](c)`` now", "use `<div>` and ``a`[b](c)`` now"],
    ["what is no link or tag", "a [x] < b > c [y", "a [x] < b > c [y"],
    ["boxes", ":::note Mind\ntext\n:::", "Mind\ntext"],
    [
      "tables",
      "| Plan | Price |\n|:--|--:|\n| Basic | 5 € |\n| Pro | |\n\nafter",
      "Plan: Basic | Price: 5 €\nPlan: Pro\n\nafter",
    ],
    [
      "imports and exports of MDX",
      "import A from './a';\nexport const x = {\n  y: 1,\n};\n\nimport duties are paid\nexport \"data\" now",
      'import duties are paid\nexport "data" now',
    ],
  ])("keeps the text of %s", (_what, markdown, text) => {
    expect(textOf(readMarkdown(markdown)).trim()).toBe(text);
  });

  test("keeps blocks of code as they are", () => {
    const code = "```md\n# no heading\n[a](b) <div>\n\n~~~\n  x\n```";
    expect(shown(readMarkdown(`## A\n${code}\n## B\nend`))).toEqual([`A #a: ${code}`, "B #b: end"]);
    expect(textOf(readMarkdown("a\n\n~~~~\n# x\n~~~"))).toBe("a\n\n~~~~\n# x\n~~~");
  });

  test("has its title and language from its front matter", () => {
    const reading = readMarkdown(
      '---\nTitle: "It\'s \\"ours\\"" # note\nlang: de_AT\n---\n# Other\ntext',
    );
    expect(titleOf(reading)).toBe('It\'s "ours"');
    expect(reading).toMatchObject({ document: { lang: "de-AT" } });
    expect(shown(reading)).toEqual(["Other #other: text"]);
    expect(titleOf(readMarkdown("+++\ntitle = 'Hugo'\n+++\ntext"))).toBe("Hugo");
    expect(titleOf(readMarkdown("---\nno: front\nmatter"))).toBe("");
  });

  test.each(["draft: true", "published: false"])("that is a draft is not read: %s", (line) => {
    expect(shown(readMarkdown(`---\n${line}\n---\ntext`))).toEqual([
      "empty: It says of itself that it is a draft.",
    ]);
  });

  test.each([
    ["a short one", "[note]: x"],
    ["one of a long address with a title", `[note]:\t<${"x".repeat(1998)}>${" y".repeat(250)}`],
  ])("has no definition of a link among its text: %s", (_what, definition) => {
    expect(textOf(readMarkdown(`A [note]\n\n${definition}`))).toBe("A note");
  });

  test("keeps a paragraph that begins like a definition of a link, and a value that is too long for a title", () => {
    const paragraph = `[note]: ${"word ".repeat(102)}end`;
    expect(textOf(readMarkdown(`A [note]\n\n${paragraph}`))).toBe(`A [note]\n\n${paragraph}`);
    expect(titleOf(readMarkdown(`---\ntitle: ${"x".repeat(1001)}\n---\n# Own\na`))).toBe("Own");
  });

  test("has headings in HTML, as READMEs have", () => {
    const reading = readMarkdown('<h1 align="center">The <b>tool</b></h1>\n\ntext');
    expect(titleOf(reading)).toBe("The tool");
  });

  test("without text is empty", () => {
    expect(shown(readMarkdown("<!-- nothing -->\n\n"))).toEqual(["empty: There is no text in it."]);
  });
});

describe("plain text", () => {
  test("is one part, without what nobody sees", () => {
    expect(shown(readText("\n\n  a\u200B  \r\n\r\n\r\n\r\n# b\u0000\n"))).toEqual([":   a\n\n# b"]);
    expect(shown(readText(" \n"))).toEqual(["empty: There is no text in it."]);
  });
});

describe("any text at all", () => {
  const signs = [
    "#",
    "# a",
    "```",
    "~~~",
    "[",
    "]",
    "(",
    ")",
    "`",
    "|",
    "|-|",
    "---",
    "<a",
    ">",
    "!",
    "\\",
    "\n",
    " ",
    "<!--",
    "{/*",
    "export const",
    "&",
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...signs), fc.string({ unit: "binary" })));

  test("is read without an error", () => {
    fc.assert(
      fc.property(text, (pieces) => {
        const reading = readMarkdown(pieces.join(""));
        if (reading.kind !== "read") return;
        for (const part of reading.document.parts) {
          expect(part.text.trim()).not.toBe("");
          expect(part.text).not.toContain("\0");
        }
      }),
    );
  });

  test.each([
    "[",
    "[a](",
    "![a](",
    "` ",
    "``a`",
    "<a ",
    "<!--",
    "{/*",
    "[[a|",
    "[^",
    "a|b\n-|-\n",
    "# a\n",
    "[a]: b\n",
    "---\n",
    "_",
    "\\",
    " ",
  ])("is read in time that grows with its length: %j", (piece) => {
    expect(() => readMarkdown(piece.repeat(400_000 / piece.length))).not.toThrow();
    expect(() => readMarkdown(`# a${piece.repeat(400_000 / piece.length)}b`)).not.toThrow();
  });

  const spaces = (count: number) => " ".repeat(count);
  const long = "x".repeat(3000);

  test.each([
    ["spaces below what may be the head of a table", `a|b\n${spaces(60_000)}x`],
    ["spaces before a value of the front matter", `---\ntitle:${spaces(2_000_000)}${long}\n---\nx`],
    ["spaces before the target of a link", `a\n\n[a]:${spaces(2_000_000)}${long}`],
    ["targets of links that are too long", `a\n${`[a]:${long}\n`.repeat(600)}`],
    ["marks of code that nothing ends", `a${`${"`".repeat(9)}a`.repeat(200_000)}`],
  ])("does not stop a server that reads it: %s", (_what, markdown) => {
    const passedMs = startStopwatch();
    expect(readMarkdown(markdown).kind).toBe("read");
    expect(passedMs()).toBeLessThan(1000);
  });

  test.each([
    ["a table", "a|b\n-|-\n" + "c|d\n".repeat(100_000)],
    ["headings", "# a\n\nb\n\n".repeat(100_000)],
    ["lines", "a\n".repeat(100_000)],
    ["code", `\`\`\`\n${"a\n".repeat(100_000)}`],
  ])("is read in steps, between which others work: %s", (_what, markdown) => {
    let steps = 0;
    for (const _step of readMarkdownInSteps(markdown)) steps += 1;
    expect(steps).toBeGreaterThan(100);
  });

  test("has a block of code as long as a page may be", () => {
    const code = `\`\`\`\n${"a\n".repeat(1_000_000)}\`\`\``;
    expect(textOf(readMarkdown(code))).toHaveLength(code.length);
  });
});
