import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { html } from "../../../src/dashboard/html.ts";
import { markdownHtml } from "../../../src/dashboard/thread/markdown-html.ts";

function show(markdown: string, { sources = [] as number[], isGrowing = false } = {}): string {
  const sourceAddress = (number: number) => `#m1-${number}`;
  const options = { sources: new Set(sources), sourceAddress, isGrowing };
  return html`${markdownHtml(markdown, options)}`.toString();
}

/** What a browser would make of it. */
async function elementsOf(page: string) {
  const elements: { name: string; attributes: (readonly [string, string])[] }[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element({ tagName, attributes }) {
      elements.push({
        name: tagName,
        attributes: Array.from(attributes, ([name = "", value = ""]) => [name, value] as const),
      });
    },
  });
  await rewriter.transform(new Response(page)).text();
  return elements;
}

const ALLOWED =
  /^(?:p|h3|strong|em|del|code|pre|ul|ol|li|blockquote|hr|br|a|table|tr|th|td|div|span)$/;
const ATTRIBUTES = /^(?:class|dir|start|scope|tabindex|role|aria-label|href|rel|target|title)$/;
const HREF = /^(?:https?:|mailto:|tel:|#m1-\d+$)/i;

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</li></ol>"),
      fc.constantFrom("[a](javascript:alert(1))", '[a](/delete "x")', "<data:text/html,x>"),
      fc.constantFrom('[a](https://x.example/"onclick=alert(1))', "![a](https://x.example/a.png)"),
      fc.constantFrom("|a|\n|-|\n|b|\n", '```js"><b>\n', "\n\n", "**", "[1]", "> ", "- [x] ", "# "),
    ),
  )
  .map((parts) => parts.join(""));

describe("the HTML of an answer", () => {
  test("has no other element, attribute or address than it may have, whatever the model writes", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (markdown) => {
        for (const { name, attributes } of await elementsOf(show(markdown, { sources: [1] }))) {
          expect(name).toMatch(ALLOWED);
          for (const [attribute, value] of attributes) {
            expect(attribute).toMatch(ATTRIBUTES);
            if (attribute === "href") expect(value).toMatch(HREF);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["**b** and `c`", "<p><strong>b</strong> and <code>c</code></p>"],
    ["# One\n### Three", '<h3 class="h1">One</h3><h3 class="h3">Three</h3>'],
    [
      "[a](https://x.example/?a=1&b=2)",
      '<p><a href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer" target="_blank">a</a></p>',
    ],
    ["[a](/prices)", '<p><span class="relative" title="/prices">a</span></p>'],
    ["So [1], not [2].", '<p>So\u00a0<a class="cite" href="#m1-1">[1]</a>, not [2].</p>'],
    ["- [x] a", '<ul dir="auto"><li class="task">☑ a</li></ul>'],
    [
      "```js\na<b// c\n```",
      '<div class="code"><p class="language">js</p><pre tabindex="0" dir="ltr"><code>a&lt;b<span class="code-comment">// c</span></code></pre></div>',
    ],
    [
      "|a|b|\n|-|-:|\n|1|2|",
      '<div class="table" tabindex="0" role="group" aria-label="Table"><table dir="auto">' +
        '<tr><th scope="col">a</th><th scope="col" class="right">b</th></tr><tr><td>1</td><td class="right">2</td></tr></table></div>',
    ],
    ["<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"],
  ])("of %j is %j", (markdown, expected) => {
    expect(show(markdown, { sources: [1] })).toBe(expected);
  });

  test("shows a mark that is still being written as if it had ended", () => {
    expect(show("a **b", { isGrowing: true })).toBe("<p>a <strong>b</strong></p>");
    expect(show("a **b")).toBe("<p>a **b</p>");
  });
});
