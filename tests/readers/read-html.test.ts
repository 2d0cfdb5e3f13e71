import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { readHtml } from "../../src/readers/read-html.ts";
import { shown, textOf, titleOf } from "./shown.ts";

const ADDRESS = "https://shop.test/help/shipping?x=1";
const read = (html: string) => readHtml(html, ADDRESS);
const LONG = "We send parcels to every country of the world. ".repeat(8).trim();

describe("the text of a page", () => {
  test.each([
    ["paragraphs", "<p>One <b>two</b>\n three<p>Four<br>five", "One two three\n\nFour\nfive"],
    ["words in inline elements are not torn apart", "<p>un<em>believ</em>able", "unbelievable"],
    ["cells in blocks", "<div>a</div><div>b</div><section>c</section>d", "a\nb\nc\nd"],
    [
      "lists, also in lists, without end tags",
      "<ul><li><p>a</p><ul><li>b<li>c</ul><li>d</ul><ol start=3><li>e<li>f</ol>",
      "- a\n  - b\n  - c\n- d\n\n3. e\n4. f",
    ],
    [
      "definitions",
      "<dl><dt>Delivery<dd>3 days<dt>Price<dd>5 €</dl>",
      "Delivery\n3 days\nPrice\n5 €",
    ],
    [
      "code with its indentation",
      "<pre><code>if (a) {\n    b();  \n\n}</code></pre><p>after",
      "if (a) {\n    b();\n\n}\n\nafter",
    ],
    [
      "rows of a table with the headers of their columns",
      "<table><thead><tr><th>Plan<th>Price</thead><tr><td>Basic<td>5 €<tr><td><p>Pro</p><td>9 €</table>",
      "Plan: Basic | Price: 5 €\nPlan: Pro | Price: 9 €",
    ],
    [
      "a cell that covers two rows does not shift the headers",
      "<table><tr><th>A<th>B<th>C<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>",
      "A: 1 | B: 2 | C: 3\nB: 4 | C: 5",
    ],
    [
      "headers of two rows",
      "<table><tr><th rowspan=2>Plan<th colspan=2>Price<tr><th>month<th>year<tr><td>Pro<td>9<td>90</table>",
      "Plan: Pro | Price month: 9 | Price year: 90",
    ],
    [
      "rows with their own headers",
      "<table><tr><th>Phone<td>123<tr><th>Fax<td>456</table>",
      "Phone: 123\nFax: 456",
    ],
    ["a table without headers", "<table><tr><td>a<td><td>b<tr><td>c</table>", "a | b\nc"],
    ["a table of nothing but headers", "<table><tr><th>a<th>b</table>", "a | b"],
    [
      "pictures that are described",
      "<p>A <img alt='red dog' src=x> <img alt=''> <img alt=x.png>",
      "A [red dog]",
    ],
    [
      "mail addresses and telephone numbers of links",
      "<a href='mailto:a@shop.test?subject=x'>Write</a>, <a href='tel:+49-30 12'>+49 (30) 12</a>",
      "Write (a@shop.test), +49 (30) 12",
    ],
    [
      "entities, also of Windows and without a semicolon",
      "&lt;b&gt; &amp;amp; &eacute;&#233;&#xE9; &hellip;&#146; &copy 2026 &nosuch; &#0;&#xD800;&#99999999; a&nbsp;b",
      "<b> &amp; ééé …’ © 2026 &nosuch; ��� a b",
    ],
    [
      "nothing of comments, scripts, styles, templates, controls of forms",
      "Nothing but these words is shown.<!-- x --><script>if (a<b) '<p>x</p>'</script><style>x{}</style><template>x</template><noscript>x</noscript><form><label>x</label><input value=x><select><option>x</select><textarea>x</textarea><button>x</button></form><iframe>x</iframe><svg><title>x</title><text>x</text></svg>",
      "Nothing but these words is shown.",
    ],
    ["a tag in an attribute ends no tag", `<p title="a > b" data-x='<p>'>text`, "text"],
    ["signs that are no tags", "1 < 2 and 3 <4 </ > <!x><?php x ?>5", "1 < 2 and 3 <4 5"],
    ["an end that was cut off", "text <b>bold</b> <a href='", "text bold"],
  ])("has %s", (_what, html, text) => {
    expect(textOf(read(html).reading)).toBe(text);
  });

  test.each([
    ["hidden", "<p hidden>x"],
    ["aria-hidden", "<span aria-hidden=true>x</span>"],
    ["display", "<div style='color:red; DISPLAY : none'>x</div>"],
    ["visibility", "<div style='visibility:hidden'>x</div>"],
    ["size", "<div style='font-size: 0px'>x</div>"],
    ["opacity", "<div style='opacity:0'>x</div>"],
    ["for screen readers", "<span class='sr-only'>x</span>"],
    ["a closed dialog", "<dialog>x</dialog>"],
  ])("has nothing that nobody sees: %s", (_what, html) => {
    expect(textOf(read(`<p>before</p>${html}<p>after`).reading)).toBe("before\n\nafter");
  });

  test("has nothing that is spelled with invisible characters", () => {
    const tags = String.fromCodePoint(0xe0049, 0xe0067, 0xe006e);
    const { reading } = read(`<p>ship\u00ADping\u200B ${tags}\u202Eto\u0000 you\u0007`);
    expect(textOf(reading)).toBe("shipping to you");
  });

  test("has small sizes and faint text, which are seen", () => {
    expect(textOf(read("<p style='font-size:0.8em;opacity:0.5'>x").reading)).toBe("x");
  });

  test("has the answers that a button of the page opens", () => {
    const { reading } = read(
      "<h3><button aria-expanded=false aria-controls=a1>How long?</button></h3><div id=a1 hidden>Three days.</div>",
    );
    expect(shown(reading)).toEqual(["How long?: Three days."]);
  });

  test("has the headings above it, with their fragments", () => {
    const { reading } = read(`<h1>Shipping</h1>a
      <h2 id=eu>In the EU <a class=headerlink href="#eu">¶</a></h2>b
      <h3><a name=fr></a>France</h3>c
      <section id=world><h2>Elsewhere#</h2>d</section>`);
    expect(shown(reading)).toEqual(
      [": a", "In the EU #eu: b", "In the EU › France #fr: c", "Elsewhere #world: d"].map((line) =>
        line.replace(/^: /, ": "),
      ),
    );
  });

  test("has the questions of answers that open, and what follows is not under them", () => {
    const { reading } = read(
      "<h2>FAQ</h2><details><summary>Why?</summary><p>Because.</details><p>Ask us.",
    );
    expect(shown(reading)).toEqual(["FAQ › Why?: Because.", "FAQ: Ask us."]);
  });

  test("has a heading with nothing under it as text", () => {
    const { reading } = read("<h2>Hours</h2><h3>Mon to Fri</h3><h3>9 to 17</h3>");
    expect(shown(reading)).toEqual(["Hours: Mon to Fri\n\n9 to 17"]);
  });

  test("ends a heading that was not closed", () => {
    expect(shown(read("<h2>Title<p>text<h2>Other</h3>more").reading)).toEqual([
      "Title: text",
      "Other: more",
    ]);
  });
});

describe("the frame of a page", () => {
  test("is left out", () => {
    const { reading } = read(
      `<header><a href=/>Home</a></header><nav>x</nav><div class="big sidebar">x</div><ul role=navigation><li>x</ul><p>${LONG}</p><aside>x</aside><footer>x</footer>`,
    );
    expect(textOf(reading)).toBe(`Home\n\n${LONG}`);
  });

  test("is left out where the page names its main part", () => {
    const { reading } = read(`<div>Frame</div><main><p>${LONG}</main><div>Frame</div>`);
    expect(textOf(reading)).toBe(LONG);
  });

  test("is not mistaken for the page when the main part has hardly any text", () => {
    const { reading } = read(`<main>Loading</main><div>${LONG}</div>`);
    expect(textOf(reading)).toContain(LONG);
  });

  test("is not a small box of which the class sounds like content", () => {
    const { reading } = read(`<p>${LONG.repeat(4)}</p><div class=content>${LONG}</div>`);
    expect(textOf(reading)).toBe(`${LONG.repeat(4)}\n\n${LONG}`);
  });

  test.each([
    [
      "when it was not closed before the main part",
      `<nav><a href=/>Home</a><main><p>${LONG}</main>`,
    ],
    ["when it was not closed within its parent", `<div><nav>Home</div><p>${LONG}`],
  ])("swallows nothing %s", (_when, html) => {
    expect(textOf(read(html).reading)).toBe(LONG);
  });

  test("is read when nothing else would be left", () => {
    const { reading } = read(`<nav><p>${LONG.repeat(3)}`);
    expect(textOf(reading)).toContain(LONG);
  });
});

describe("what a page says about itself", () => {
  test.each([
    ["its title", "<title>Ship &amp;\n go</title><h1>Other</h1>x", "Ship & go"],
    [
      "its title without the website's name",
      "<title>Shipping | Shop</title><h1>Shipping</h1>x",
      "Shipping",
    ],
    [
      "its title in full when that begins otherwise",
      "<title>Shipping costs</title><h1>Shipping</h1>x",
      "Shipping costs",
    ],
    [
      "the name for those who share it",
      "<meta property='og:title' content='Shared'><h1>Other</h1>x",
      "Shared",
    ],
    ["its first heading", "<h1>Head <b>ing</b></h1>x", "Head ing"],
    ["no title of a drawing", "<svg><title>x</title></svg><h2>y</h2>z", ""],
  ])("is %s", (_what, html, title) => {
    expect(titleOf(read(html).reading)).toBe(title);
  });

  test("is its language, if it is one", () => {
    const langOf = (html: string) => {
      const { reading } = read(html);
      return reading.kind === "read" ? reading.document.lang : undefined;
    };
    expect(langOf("<html lang=de-AT><p>x")).toBe("de-AT");
    expect(langOf("<html lang='x\" y'><p>x")).toBeUndefined();
    expect(langOf("<meta http-equiv=content-language content=fr><p>x")).toBe("fr");
  });

  test("is its address", () => {
    expect(read("<link rel='x CANONICAL' href='/b#c'>").canonical).toBe("https://shop.test/b");
    expect(read("<link rel=canonical href='javascript:x'>").canonical).toBeUndefined();
  });

  test("is where it links to, each address once", () => {
    const { links } =
      read(`<base href="/en/"><nav><a href="a#x">a</a></nav><a href=" a ">a</a><p hidden><area href="/b?c=1"></p>
      <a href="#x">x</a><a href="mailto:x@y.test">x</a><a href="javascript:x">x</a><a href="https://u:p@shop.test/">x</a>
      <a rel="nofollow" href="/no">x</a><a href="http://[">x</a><frame src=f.html><meta http-equiv=refresh content="0; URL='/moved'">`);
    expect(links).toEqual([
      "https://shop.test/en/a",
      "https://shop.test/b?c=1",
      "https://shop.test/en/f.html",
      "https://shop.test/moved",
    ]);
  });

  test("is whether it may be searched and followed", () => {
    const robots = (content: string) => {
      const { isIndexable, areLinksFollowed } = read(`<meta name=ROBOTS content="${content}">`);
      return [isIndexable, areLinksFollowed];
    };
    expect(robots("index, follow")).toEqual([true, true]);
    expect(robots("NOINDEX")).toEqual([false, true]);
    expect(robots("nofollow")).toEqual([true, false]);
    expect(robots("none")).toEqual([false, false]);
  });
});

describe("a page without text", () => {
  test("is empty", () => {
    expect(shown(read("<title>x</title><body><img src=x>").reading)).toEqual([
      "empty: There is no text in it.",
    ]);
  });

  test("may need a browser", () => {
    const { reading } = read(
      "<div id=root>Loading…</div><noscript>Enable JavaScript</noscript><script src=x></script>",
    );
    expect(shown(reading)).toEqual([
      "empty: There is no text in it: is it made in the browser, by JavaScript? Notes, files or an llms-full.txt can stand in for it.",
    ]);
  });
});

test("a page that asks for a password is its form, unless it has a text besides", () => {
  const form =
    "<h1>Sign in</h1><label>E-mail <input></label><input TYPE=Password><a href=/lost>Forgot your password?</a>";
  expect(shown(read(form).reading)).toEqual([
    "empty: It asks for a password, and has hardly any text besides.",
  ]);
  const { reading } = read(`${form}<p>${"Members meet on Mondays. ".repeat(10)}</p>`);
  expect(reading.kind).toBe("read");
});

describe("any text at all", () => {
  const tag = fc.constantFrom(
    ..."html body main nav article div p ul li table tr td th h1 h2 a pre details summary button script title svg form"
      .split(" ")
      .flatMap((name) => [
        `<${name}>`,
        `</${name}>`,
        `<${name} hidden id=x`,
        `<${name} class='nav`,
      ]),
  );
  const page = fc.array(
    fc.oneof(tag, fc.string({ unit: "binary" }), fc.constantFrom("<", ">", "&", '"', "<!--", "x ")),
  );

  test("is read without an error", () => {
    fc.assert(
      fc.property(page, (pieces) => {
        const { reading } = read(pieces.join(""));
        if (reading.kind !== "read") return;
        for (const { path, text } of reading.document.parts) {
          expect(text.trim()).not.toBe("");
          expect(path).not.toContain("");
          expect(text + path.join("")).not.toMatch(/[\u200b\u{e0041}]/u);
        }
      }),
    );
  });

  const LENGTH = 400_000;
  test.each(
    `<div>|<b><li>|<td>|<table><tr><th>a<td>b|<ul><li>x|<h1>x|<details><summary>a|<nav><main>x|&amp;|<|<a |<a b="|<a b='"|<!--|<pre> |<title>|</p>|<a =`.split(
      "|",
    ),
  )("is read in time that grows with its length: %s", (piece) => {
    expect(() => read(piece.repeat(LENGTH / piece.length))).not.toThrow();
  });

  test("is read in time that grows with its length: end tags that end nothing", () => {
    const html = `${"<div>".repeat(100_000)}${"<p>".repeat(60_000)}${"</span>".repeat(100_000)}text`;
    expect(textOf(read(html).reading)).toBe("text");
  });
});
