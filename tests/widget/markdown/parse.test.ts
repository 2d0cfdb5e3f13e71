import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { startStopwatch } from "../../../harness/stopwatch.ts";
import { highlight } from "../../../src/widget/markdown/highlight.ts";
import * as plain from "../../../src/widget/markdown/parse.ts";
import type { MarkdownNode } from "../../../src/widget/markdown/tree.ts";

/** Writes a tree in a notation that fits on a line. */
function show(node: MarkdownNode): string {
  if (typeof node === "string") return node;
  const { tag, children, href, start, isChecked, language, kind, align, source } = node;
  const parts = [tag, href, start, isChecked, language, kind, align, source];
  return `<${parts.filter((part) => part !== undefined).join(" ")}>${children.map(show).join("")}</${tag}>`;
}
const createMarkdownReader = (): ReturnType<typeof plain.createMarkdownReader> => {
  const read = plain.createMarkdownReader();
  return (text, options) => read(text, { highlight, ...options });
};
const parseMarkdown: typeof plain.parseMarkdown = (text, options) =>
  createMarkdownReader()(text, options);
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
    ["# Title", "<h1>Title</h1>"],
    ["- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"],
    ["3. a\n4. b", "<ol 3><li>a</li><li>b</li></ol>"],
    ["> quoted\n> more", "<blockquote><p>quoted<br></br>more</p></blockquote>"],
    ["```js\na < b\n```\nafter", "<pre js><code>a < b</code></pre><p>after</p>"],
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
    // What models write, and the former parser got wrong.
    [
      "| a | b |\n|---|--:|\n| `x\\|y` | |",
      "<table><tr><th>a</th><th right>b</th></tr><tr><td><code>x|y</code></td><td right></td></tr></table>",
    ],
    [
      "Prices:\n| a | b |\n|-|-|\n| 1<br>2 |\n\nafter",
      "<p>Prices:</p><table><tr><th>a</th><th>b</th></tr><tr><td>1<br></br>2</td><td></td></tr></table><p>after</p>",
    ],
    [
      "- do\n\n  ```py\n  class A:\n      def f():\n\n\tpass\n  ```",
      "<ul><li><p>do</p><pre py><code><token keyword>class</token> A:\n    <token keyword>def</token> f():\n\n  <token keyword>pass</token></code></pre></li></ul>",
    ],
    [
      "1. one\n   - a\n     - b\n2. two",
      "<ol 1><li>one<ul><li>a<ul><li>b</li></ul></li></ul></li><li>two</li></ol>",
    ],
    [
      "1. one\n\n    - a\n\n2. two",
      "<ol 1><li><p>one</p><ul><li>a</li></ul></li><li><p>two</p></li></ol>",
    ],
    [
      "1. one\n2. two:\n\n- a\n- b",
      "<ol 1><li>one</li><li>two:</li></ol><ul><li>a</li><li>b</li></ul>",
    ],
    ["0. zero", "<ol 0><li>zero</li></ol>"],
    [
      "- [ ] to do\n- [x] **done**",
      "<ul><li false>to do</li><li true><strong>done</strong></li></ul>",
    ],
    ["~~old~~ new, ~5 to ~7, 5~7", "<p><del>old</del> new, ~5 to ~7, 5~7</p>"],
    ["~~~\n```\n~~~", "<pre><code>```</code></pre>"],
    ["Title\n===\nSub\n---", "<h1>Title</h1><h2>Sub</h2>"],
    [
      "[prices](/pricing#a) [top](#top) [see *this*](a/b?c=d)",
      "<p><a /pricing#a>prices</a> <a #top>top</a> <a a/b?c=d>see <em>this</em></a></p>",
    ],
    [
      "[a][1], [A] and [b][]\n\n[1]: https://x.test/\n[a]: <a b> 'title'\n[b]: /b",
      "<p><a https://x.test/>a</a>, <a a%20b>A</a> and <a /b>b</a></p>",
    ],
    ["![a cup](/cup.png)", "<p><a /cup.png>a cup</a></p>"],
    [
      "mail a.b@x.test, www.x.test.",
      "<p>mail <a mailto:a.b@x.test>a.b@x.test</a>, <a http://www.x.test>www.x.test</a>.</p>",
    ],
    [
      "(https://x.test/a_(b)), **https://x.test/**",
      "<p>(<a https://x.test/a_(b)>https://x.test/a_(b)</a>), <strong><a https://x.test/>https://x.test/</a></strong></p>",
    ],
    ["&amp; &nbsp;&euro;5 &unknown; &#38;", "<p>& \u00a0€5 &unknown; &</p>"],
    [
      "**「重要」**です。**注意！**次",
      "<p><strong>「重要」</strong>です。<strong>注意！</strong>次</p>",
    ],
    ["2 * 3 * 4 and f(*args, **kwargs)", "<p>2 * 3 * 4 and f(*args, **kwargs)</p>"],
    ["1) a\n\n\n2) b", "<ol 1><li><p>a</p></li><li><p>b</p></li></ol>"],
  ])("parses %j", (text, tree) => {
    expect(parse(text)).toBe(tree);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "JaVaScRiPt:x",
    "&#106;avascript:x",
    "java\\script:x",
    "<java&Tab;script:x>",
    "<\u0001javascript:x>",
    "irc://x.test",
    "",
  ])("makes no link to %s", (target) => {
    for (const text of [`[a](${target})`, `[a]\n\n[a]: ${target}`, `<${target}>`, target]) {
      for (const node of walk(parseMarkdown(text))) {
        if (typeof node === "string" || node.href === undefined) continue;
        expect(new URL(node.href, "https://page.test/").protocol).toBe("https:");
      }
    }
  });
});

const TAGS = new Set(
  "p h1 h2 h3 h4 h5 h6 strong em del code token pre ul ol li blockquote hr br a table tr th td".split(
    " ",
  ),
);
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
        "| ",
        "|-",
        "~~",
        "]: ",
        "![",
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
        expect(
          Object.keys(node).filter(
            (key) => !/^(tag|children|href|start|isChecked|language|kind|align)$/.test(key),
          ),
        ).toEqual([]);
        if (node.tag === "a") expect(node.href).toMatch(/^\S+$/);
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
  // Links, fences and tables are left out, because targets, languages and cells that are too many are not shown.
  const marks = fc.constantFrom(..."*_~[]()<>\\#>-\n !+.1 ", "**", "- ", "1. ", "> ", "``");
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const text = fc
    .array(fc.oneof(marks, word), { maxLength: 60 })
    .map((parts) => parts.join(""))
    .filter((joined) => !/```|~~~|\]\(|<br>/.test(joined));
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
        const url = "https://page.test/a/b";
        const scheme = URL.canParse(node.href, url) ? new URL(node.href, url).protocol : "https:";
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
  "*a **b _c ",
  "a** b* ",
  "*a_ ",
  "`",
  "``a",
  "[",
  "![",
  "]",
  "[a](",
  "[a](b '",
  "[a](<b",
  "[a][",
  "[a]: b\n",
  "[a]: (\n",
  "https://",
  "a@",
  "www.",
  "> ",
  ">",
  "- ",
  "  - a\n",
  "1. a\n",
  "_a_",
  "~~a",
  "# #",
  "|-",
  "|a\n|-\n",
  "| a ",
  "- - ",
  "\\",
  "&amp",
  "<a",
  "<https://",
  "```\n",
  "a\n",
  "a\n\n",
  "\t",
])("100 KB of %j is parsed within 3 s, and does not nest deeply", (part) => {
  const stopwatch = startStopwatch();
  const trees = [
    parseMarkdown(part.repeat(100_000 / part.length)),
    parseMarkdown(`${part.repeat(50_000 / part.length)}x`, { isGrowing: true }),
  ];
  expect(stopwatch()).toBeLessThan(3000);
  for (const tree of trees) expect(depthOf(tree)).toBeLessThan(100);
});

function depthOf(nodes: readonly MarkdownNode[]): number {
  let depth = 0;
  for (let level = [...nodes]; level.length > 0; depth++) {
    level = level.flatMap((node) => (typeof node === "string" ? [] : [...node.children]));
  }
  return depth;
}

describe("a text that grows", () => {
  const ANSWER = `# Shipping

We ship **everywhere**, see [the list](/shipping "List") and [prices][p].

1. Order
   - by *mail*

   \`\`\`sh
   echo "hi"
   \`\`\`
2. Wait [1]

| Country | Days |
|---------|-----:|
| Norway  | ~~5~~ 3 |
| Chile   | \`9\` |

> Free above 60 €.
> - and more

- [x] done

[p]: https://shop.test/prices
`;

  /** Cuts the answer at random places. */
  const cuts = fc.uniqueArray(fc.nat(ANSWER.length), { maxLength: 60 });

  test("is in the end what it is as a whole, however it was cut", () => {
    fc.assert(
      fc.property(cuts, (places) => {
        const read = createMarkdownReader();
        const sources = new Set([1]);
        for (const place of places.toSorted((a, b) => a - b)) {
          read(ANSWER.slice(0, place), { sources, isGrowing: true });
        }
        expect(read(ANSWER, { sources })).toEqual(parseMarkdown(ANSWER, { sources }));
      }),
      { numRuns: 200 },
    );
  });

  test("is the same at each step as if it were read anew, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 8 }), (parts) => {
        const read = createMarkdownReader();
        let text = "";
        for (const part of parts) {
          text += part;
          expect(read(text, { isGrowing: true })).toEqual(parseMarkdown(text, { isGrowing: true }));
        }
        expect(read(text)).toEqual(parseMarkdown(text));
      }),
      { numRuns: 500 },
    );
  });

  test("has parts where a paragraph or code is long, and loses nothing at their ends", () => {
    const lines = Array.from({ length: 900 }, (_, at) => `line ${at}`).join("\n");
    const [paragraph, pre] = parseMarkdown(`${lines}\n\n\`\`\`\n${lines}\n\`\`\``);
    const textOf = (node: MarkdownNode): string => {
      if (typeof node === "string") return node;
      return node.tag === "br" ? "\n" : node.children.map(textOf).join("");
    };
    const code = pre?.children[0] ?? "";
    const partsIn = (node: MarkdownNode = "") =>
      typeof node === "string"
        ? []
        : node.children.filter((each) => typeof each !== "string" && each.tag === "part");
    // The first part is not marked as one: it stays the same when the second one comes.
    expect(partsIn(code)).toHaveLength(1);
    expect(textOf(code)).toBe(lines);
    const [part = ""] = partsIn(paragraph);
    expect(paragraph?.children.at(-1)).toBe(part);
    expect(`${paragraph?.children.slice(0, -1).map(textOf).join("")}\n${textOf(part)}`).toBe(lines);
  });

  test("has parts where there are many blocks or items, which are the same from the first word on", () => {
    const items = Array.from({ length: 130 }, (_, at) => `${at + 9}. item`).join("\n");
    const lists = parseMarkdown(items);
    expect(lists.map(({ start, isRest, children }) => [start, isRest, children.length])).toEqual([
      [9, undefined, 64],
      [73, true, 64],
      [137, true, 2],
    ]);
    const read = createMarkdownReader();
    for (const count of [1, 63, 64, 65, 128, 129, 200]) {
      const tree = read("line\n\n".repeat(count));
      const shown = tree.flatMap((node) => (node.tag === "part" ? node.children : node));
      expect(shown.length).toBe(count);
      expect(tree.findIndex(({ tag }) => tag === "part")).toBe(count > 64 ? 64 : -1);
    }
  });

  test("writes a long table as several ones with the same head", () => {
    const tables = parseMarkdown(`| a |\n|---|\n${"| 1 |\n".repeat(130)}`);
    expect(tables.map(({ isRest, children }) => [isRest, children.length])).toEqual([
      [undefined, 65],
      [true, 65],
      [true, 3],
    ]);
    for (const { children } of tables) expect(children[0]).toBe(tables[0]?.children[0] ?? "");
  });

  test.each([new Set([1]), new Map([[1, "Shipping"]])])(
    "reads a text anew when its sources have come: %p",
    (sources) => {
      const read = createMarkdownReader();
      read("Yes [1].");
      expect(read("Yes [1].", { sources })).toEqual(parseMarkdown("Yes [1].", { sources }));
    },
  );

  test("colours code that was read without colours, once they are there", () => {
    const read = plain.createMarkdownReader();
    const code = `- one\n\n  \`\`\`js\n  if (a) return 1;\n  \`\`\``;
    expect(read(code).map(show).join("")).not.toContain("token");
    expect(read(code, { highlight })).toEqual(parseMarkdown(code));
  });

  test("keeps the objects of what has not changed", () => {
    const read = createMarkdownReader();
    const [list, last] = read("- a **b**\n- c\n- d\n\nand");
    const [again, changed] = read("- a **b**\n- c\n- d\n\nand more");
    expect(again?.children[0]).toBe(list?.children[0] ?? "");
    expect(changed).not.toBe(last);
  });

  test.each([
    ["a list", "- a **b**\n- c\n- d", 1],
    ["a list with more room", "- a **b**\n\n- c\n\n- d", 1],
    ["a table", "| a |\n|---|\n| `b` |\n| c", 1],
    ["a quote", "> a **b**\n>\n> c\n>\n> d", 1],
  ])("keeps the objects of all before the last two lines of %s", (_name, text, count) => {
    const read = createMarkdownReader();
    const [before] = read(text, { isGrowing: true });
    const [after] = read(`${text} and`, { isGrowing: true });
    for (let at = 0; at < count; at++) {
      expect(after?.children[at]).toBe(before?.children[at] ?? "");
    }
    expect(after?.children.at(-1)).not.toEqual(before?.children.at(-1) ?? "");
  });

  test("never shows marks that are half written", () => {
    const text = `We ship **everywhere**, *mostly* and ~~not~~ soon: see [the list](/shipping "List").

| Country | **Days** | Price |
|:--------|---------:|-------|
| Norway | 3 | [cheap](/a) |
| Chile | \`9\` | no |

Prices:
| a |
|---|
| \`b\` |

- [x] **done**
- [ ] to do, see [more](/more)

> | quoted | table |
> |--------|-------|
> | yes | no |

\`\`\`
code
\`\`\`
Run \`it\`.
`;
    const read = createMarkdownReader();
    for (let length = 1; length <= text.length; length++) {
      const nodes = [...walk(read(text.slice(0, length), { isGrowing: true }))];
      const shown = nodes.filter((node) => typeof node === "string").join("\n");
      expect(shown, text.slice(0, length)).not.toMatch(/[|*~`[\]]|\]\(/);
    }
  });

  test.each([
    ["| a | b", "<table><tr><th>a</th><th>b</th></tr></table>"],
    ["x\n| a | b |\n|--", "<p>x</p><table><tr><th>a</th><th>b</th></tr></table>"],
    ["| a |\n| b", "<p>| a |</p><table><tr><th>b</th></tr></table>"],
    ["| a |\nb", "<p>| a |<br></br>b</p>"],
    ["| a |\n\nb", "<p>| a |</p><p>b</p>"],
    ["a list[0] and list[0", "<p>a list[0] and list[0</p>"],
    ["2 ** 3 **", "<p>2 ** 3 </p>"],
    ["5*", "<p>5</p>"],
  ])("is shown as what it will most likely be: %j", (text, tree) => {
    expect(parseMarkdown(text, { isGrowing: true }).map(show).join("")).toBe(tree);
  });

  test.each([
    ["so **bold", "<p>so <strong>bold</strong></p>"],
    ["so ~~old", "<p>so <del>old</del></p>"],
    ["so **bold *and", "<p>so <strong>bold <em>and</em></strong></p>"],
    ["run `npm i", "<p>run <code>npm i</code></p>"],
    ["see [the list](https://x.te", "<p>see the list</p>"],
    ["Intro:\n-", "<p>Intro:<br></br>-</p>"],
    ["**done.** so 2 *", "<p><strong>done.</strong> so 2 </p>"],
    ["**a\n\nb", "<p>**a</p><p>b</p>"],
  ])("is shown as if it had ended: %j", (text, tree) => {
    expect(parseMarkdown(text, { isGrowing: true }).map(show).join("")).toBe(tree);
  });
});

describe("the colours of code", () => {
  const coloured = (code: string, language: string) =>
    parseMarkdown(`\`\`\`${language}\n${code}\n\`\`\``)
      .flatMap(({ children }) => children)
      .flatMap((node) => (typeof node === "string" ? [] : node.children))
      .map((node) => (typeof node === "string" ? node : `{${node.kind} ${node.children.join()}}`))
      .join("");

  test.each([
    [
      "js",
      'const a1 = "x // y"; // 2\nreturn a.b(`t\n${1}`) /* of\n3 */',
      '{keyword const} a1 = {string "x // y"}; {comment // 2}\n{keyword return} a.b({string `t\n${1}`}) {comment /* of\n3 */}',
    ],
    [
      "Python",
      "def f(x): # if\n  return 'a' + 0x1f",
      "{keyword def} f(x): {comment # if}\n  {keyword return} {string 'a'} + {number 0x1f}",
    ],
    ["sql", "SELECT a FROM b -- all\n", "{keyword SELECT} a {keyword FROM} b {comment -- all}\n"],
    ["css", "a { width: 1.5px }", "a { width: {number 1.5px} }"],
    ["html", '<a href="x">for 3</a>', '<a href={string "x"}>for {number 3}</a>'],
    ["js", "it's forfor x_if $if a.join", "it's forfor x_if $if a.join"],
    ["js", 'a = "not', 'a = {string "not}'],
    ["", "const a = 1", "const a = 1"],
    ["text", "if 1", "if 1"],
  ])("in %s: %j", (language, code, shown) => {
    expect(coloured(code, language)).toBe(shown);
  });

  test("lose nothing of the code, whatever it is", () => {
    const part = fc.oneof(
      fc.constantFrom(...`"'\`/*#-\\\n 0a`, "if", "//", "/*", "*/"),
      fc.string(),
    );
    const language = fc.constantFrom("js", "py", "sql", "html", "sh");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), language, (parts, name) => {
        const nodes = highlight(parts.join(""), name);
        const textOf = (node: MarkdownNode): string =>
          typeof node === "string" ? node : node.children.map(textOf).join("");
        expect(nodes.map(textOf).join("")).toBe(parts.join(""));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['"', "'", "`", "/*", "//", "#", "\\", '"\\', "1.", "a", "if ", "--"])(
    "200 KB of %j are coloured within 3 s, in three languages",
    (piece) => {
      const stopwatch = startStopwatch();
      for (const name of ["js", "py", "sql"]) highlight(piece.repeat(200_000 / piece.length), name);
      expect(stopwatch()).toBeLessThan(3000);
    },
  );
});

describe("the marks of sources", () => {
  const marked = (text: string) =>
    parseMarkdown(text, { sources: new Set([1, 2]) })
      .map(show)
      .join("")
      .replaceAll(/<cite (\d)><\/cite>/g, "{$1}")
      .replaceAll("\u00a0", "_");

  test.each([
    ["Yes [1].", "<p>Yes_{1}.</p>"],
    ["Yes[1][2]", "<p>Yes{1}{2}</p>"],
    ["**Yes [1]**\n\n- [2] no", "<p><strong>Yes_{1}</strong></p><ul><li>{2} no</li></ul>"],
    ["# Prices [1]", "<h1>Prices_{1}</h1>"],
    ["|a [1]|\n|-|", "<table><tr><th>a_{1}</th></tr></table>"],
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
    "[1](see there)",
    "\\[1\\]",
    "[01] [1, 2] [1 ]",
    "[1]\n\n[1]: https://a.test/",
  ])("are not found in %j", (text) => {
    expect(marked(text)).not.toContain("{");
  });
});

test("a wide table with many short rows does not become far more than its text", () => {
  const wide = `${"|a".repeat(1000)}\n${"|-".repeat(1000)}\n${"|b\n".repeat(1000)}`;
  const cells = [...walk(parseMarkdown(wide))].filter(
    (node) => typeof node !== "string" && node.tag === "td",
  );
  expect(cells.length).toBe(10 * 1000 + 990);
  const usual = "|a|b|c|\n|-|-|-|\n" + "|d\n".repeat(1000);
  const row = parseMarkdown(usual)[0]?.children.at(-1);
  expect(typeof row === "object" && row.children.length).toBe(3);
});
