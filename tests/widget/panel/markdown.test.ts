import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { type MarkdownNode, parseMarkdown } from "../../../src/widget/panel/markdown.ts";

/** Writes a tree in a notation that fits on a line. */
function show(node: MarkdownNode): string {
  if (typeof node === "string") return node;
  const { tag, children, href, start } = node;
  return `<${tag}${href ? ` ${href}` : ""}${start ? ` ${start}` : ""}>${children.map(show).join("")}</${tag}>`;
}
const parse = (text: string) => parseMarkdown(text).map(show).join("");

function* walk(nodes: readonly MarkdownNode[]): Generator<MarkdownNode> {
  for (const node of nodes) {
    yield node;
    if (typeof node !== "string") yield* walk(node.children);
  }
}

describe("the Markdown parser", () => {
  test.each([
    ["one\ntwo\n\nthree", "<p>one<br></br>two</p><p>three</p>"],
    [
      "**b** *e* __b__ _e_ ***both***",
      "<p><strong>b</strong> <em>e</em> <strong>b</strong> <em>e</em> <em><strong>both</strong></em></p>",
    ],
    ["a * b * c and snake_case_name", "<p>a * b * c and snake_case_name</p>"],
    ["`a *b*` and ``x`y``", "<p><code>a *b*</code> and <code>x`y</code></p>"],
    ["\\*not\\*", "<p>*not*</p>"],
    ["# Title", "<p><strong>Title</strong></p>"],
    ["- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"],
    ["3. a\n4. b", "<ol 3><li>a</li><li>b</li></ol>"],
    ["> quoted\n> more", "<blockquote><p>quoted<br></br>more</p></blockquote>"],
    ["```js\na < b\n```\nafter", "<pre><code>a < b</code></pre><p>after</p>"],
    ["```\ncut off", "<pre><code>cut off</code></pre>"],
    ["---", "<hr></hr>"],
    ["[a](https://x.test/y)", "<p><a https://x.test/y>a</a></p>"],
    ["see https://x.test/y.", "<p>see <a https://x.test/y>https://x.test/y</a>.</p>"],
    [
      "[mail](mailto:a@b.test) [call](tel:+1)",
      "<p><a mailto:a@b.test>mail</a> <a tel:+1>call</a></p>",
    ],
    ["**cut off", "<p>**cut off</p>"],
    ["", ""],
  ])("parses %j", (text, tree) => {
    expect(parse(text)).toBe(tree);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//x.test",
    "/x",
    "JaVaScRiPt:x",
  ])("makes no link to %s", (target) => {
    expect(parse(`[a](${target})`)).not.toContain("<a ");
  });
});

const TAGS = new Set("p strong em code pre ul ol li blockquote hr br a".split(" "));
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."*_`~[]()<>\\#>-\n |!:",
        "**",
        "](",
        "https://",
        "javascript:",
        "```",
        "- ",
        "1. ",
        "> ",
        "<script>",
      ),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.join(""));

test("whatever the text, only known elements and links with allowed schemes come out", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const node of walk(parseMarkdown(text))) {
        if (typeof node === "string") continue;
        expect(TAGS.has(node.tag)).toBe(true);
        expect(Object.keys(node).filter((key) => !/^(tag|children|href|start)$/.test(key))).toEqual(
          [],
        );
        if (node.tag === "a") expect(node.href).toMatch(/^(https?:\/\/|mailto:|tel:)\S+$/i);
        else expect(node.href).toBeUndefined();
      }
    }),
    { numRuns: 2000 },
  );
});

/** The letters of all texts, in order. */
function lettersIn(nodes: readonly MarkdownNode[]): string {
  const texts = [...walk(nodes)].filter((node) => typeof node === "string");
  return texts.join("").replaceAll(/[^a-z]/gi, "");
}

test("whatever the marks, no letter is lost, none is added, and all keep their order", () => {
  // Links and fences are left out, because their targets and languages are not shown.
  const marks = fc.constantFrom(..."*_~[]()<>\\#>-\n |!:+.1 ", "**", "](", "- ", "1. ", "> ", "``");
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const text = fc
    .array(fc.oneof(marks, word), { maxLength: 60 })
    .map((parts) => parts.join(""))
    .filter((joined) => !joined.includes("```"));
  fc.assert(
    fc.property(text, (written) => {
      expect(lettersIn(parseMarkdown(written))).toBe(written.replaceAll(/[^a-z]/gi, ""));
    }),
    { numRuns: 2000 },
  );
});

test("whatever the text, only letters from it are shown, in their order", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = lettersIn(parseMarkdown(text));
      let at = 0;
      for (const letter of shown) at = text.indexOf(letter, at) + 1 || Number.NaN;
      expect(at).not.toBeNaN();
    }),
    { numRuns: 1000 },
  );
});

test("however a link is written, it leads to a web page, a mailbox or a telephone", () => {
  const part = fc.constantFrom(
    ..."[]()<>:/\\ \t\n&#;%\0\u00a0\u200b",
    "javascript",
    "JaVaScRiPt:",
    "data:text/html,",
    "vbscript:",
    "file://",
    "https://",
    "http:",
    "mailto:",
    "tel:",
    "[a](",
    "](",
    "&#106;avascript:",
    "java\tscript:",
    "x.test",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      for (const node of walk(parseMarkdown(parts.join("")))) {
        if (typeof node === "string" || node.href === undefined) continue;
        // A browser parses the address in this way, and follows only what it can parse.
        const scheme = URL.canParse(node.href) ? new URL(node.href).protocol : "https:";
        expect(["https:", "http:", "mailto:", "tel:"]).toContain(scheme);
      }
    }),
    { numRuns: 3000 },
  );
});

test("no word inside Markdown is lost", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.constantFrom("*", "**", "`", "- ", "> ", "# ", ""), (list, mark) => {
      const text = list.map((word) => `${mark}${word}${mark.trim()}`).join("\n");
      const shown = [...walk(parseMarkdown(text))]
        .filter((node) => typeof node === "string")
        .join(" ");
      for (const word of list) expect(shown).toContain(word);
    }),
  );
});

test.each([
  "*a ",
  "**",
  "`",
  "``a",
  "[",
  "[a](",
  "https://",
  "> ",
  "- ",
  "_a_",
  "~",
  "# #",
  "|-",
  "- - ",
  "\\",
])("100 KB of %j is parsed within 3 s", (part) => {
  const startedAt = performance.now();
  parseMarkdown(part.repeat(100_000 / part.length));
  parseMarkdown(`${part.repeat(50_000 / part.length)}x`);
  expect(performance.now() - startedAt).toBeLessThan(3000);
});
