import { describe, expect, test } from "bun:test";

import { silence } from "../../harness/model-server.ts";
import { accessibleElements } from "../support/accessibility.ts";
import { type BrowserPage, hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { ENDED, openPanel, type PanelOptions } from "../support/open-panel.ts";

/** What an answer's Markdown becomes in the browser. The parser itself is tested in tests/widget/markdown/. */

const chat = chatWebsite();

const ANSWER = `# Shipping

We ship **everywhere**, see [the list](/shipping "List"), [all][p] and <https://elsewhere.test/>.

| Country | Days | A third column that is rather wide | A fourth one, which is wide, too |
|---------|-----:|------------------------------------|----------------------------------|
| Norway  | ~~5~~ 3 | by parcel | no |
| Chile | \`9\` | by [ship](mailto:a@b.test) | yes |

## Steps

1. Order:
   - by *mail*

     \`\`\`python
     class A:
         def f(self): return 1${" # and so on".repeat(10)}
     \`\`\`
2. Wait

> Free above 60 €.

- [x] done
- [ ] to do

---

~~~
plain
~~~

[p]: all/of?them
`;

/** The answer has ended, and what colours its code has been loaded. */
const COLOURED = `${ENDED} && $(".log .keyword")`;

const visit = (options?: PanelOptions) => openPanel(chat.website, chat.server, options);

async function ask(page: BrowserPage): Promise<void> {
  await page.fill("textarea", "How do you ship?");
  await page.press("Enter");
}

function say(text: string): void {
  chat.model.script = (call) => {
    call.token(text);
    call.finish();
  };
}

async function answered(options?: PanelOptions) {
  say(ANSWER);
  const page = await visit(options);
  await ask(page);
  await page.waitFor(COLOURED);
  return page;
}

describe.skipIf(!hasBrowser)("the Markdown of an answer in the widget", () => {
  test("becomes headings, tables with header cells, nested lists, quotes and code", async () => {
    const page = await answered();
    const elements = await accessibleElements(page);
    const tables = ["group: Table", "table", "columnheader: Country", "cell: by parcel"];
    for (const role of ["heading: Shipping", ...tables, "blockquote", "deletion"]) {
      expect(elements).toContain(role);
    }
    expect(
      await page.evaluate("$$('.log h4, .log h5').map(({ textContent }) => textContent)"),
    ).toEqual(["Shipping", "Steps"]);
    expect(await page.evaluate("$('.log ol > li > ul > li pre').textContent")).toStartWith(
      "class A:\n    def f(self): return 1 #",
    );
    expect(await page.evaluate("$$('.task').map(({ textContent }) => textContent)")).toEqual([
      "☑ done",
      "☐ to do",
    ]);
    expect(await page.evaluate("$$('.bar').map(({ textContent }) => textContent)")).toEqual([
      "python",
      "Code",
    ]);
    expect(
      await page.evaluate(
        "['comment', 'string', 'number', 'keyword'].map((kind) => $$('.log pre .' + kind).length)",
      ),
    ).toEqual([1, 0, 1, 4]);
    expect(page.console).toEqual([]);
  });

  test("has links that lead where the page's own would: in the same tab within the website, in a new one elsewhere", async () => {
    const page = await answered();
    const links = await page.evaluate(
      "$$('.bubble a').map(({ href, target, rel }) => [href, target, rel])",
    );
    const rel = "noopener nofollow";
    expect(links).toEqual([
      [`${chat.website.origin}/shipping`, "", rel],
      [`${chat.website.origin}/all/of?them`, "", rel],
      ["https://elsewhere.test/", "_blank", rel],
      ["mailto:a@b.test", "_blank", rel],
    ]);
    await page.click(".bubble a");
    await page.waitFor("location.pathname === '/shipping' && $('.panel .log .user')");
  });

  test("scrolls wide code and tables within the bubble, also by keyboard", async () => {
    const page = await answered({ width: 400, height: 700 });
    expect(await page.evaluate("$('.scroll').scrollWidth <= $('.scroll').clientWidth")).toBe(true);
    for (const selector of [".table", "pre"]) {
      await page.evaluate(`$("${selector}").focus()`);
      await page.press("ArrowRight");
      await page.waitFor(`$("${selector}").scrollLeft > 0`);
    }
  });

  test("has a button that copies a block of code as it is", async () => {
    const page = await answered();
    await page.evaluate(
      "void (navigator.clipboard.writeText = async (text) => { window.copied = text; })",
    );
    await page.click(".code .copy");
    expect(await page.waitFor<string>("window.copied")).toStartWith("class A:\n    def f(self)");
    await page.waitFor("$('.announcer').textContent.includes('Copied')");
  });

  test("has a button that wraps the lines of code, and says so", async () => {
    const page = await answered({ width: 400, height: 700 });
    const isWide = "$('pre').scrollWidth > $('pre').clientWidth";
    expect(await page.evaluate(isWide)).toBe(true);
    const wrap = ".bar [aria-pressed]";
    expect(await page.evaluate(`$("${wrap}").title`)).toBe("Wrap lines");
    await page.click(wrap);
    await page.waitFor(`$("${wrap}").getAttribute("aria-pressed") === "true" && !(${isWide})`);
    await page.evaluate(`$("${wrap}").focus()`);
    await page.press("Enter");
    await page.waitFor(`$("${wrap}").getAttribute("aria-pressed") === "false" && ${isWide}`);
    expect(
      await page.evaluate<number>(
        "Math.min(...$$('.bar button').flatMap((each) => [each.offsetWidth, each.offsetHeight]))",
      ),
    ).toBeGreaterThanOrEqual(24);
  });

  test("keeps long addresses, high numbers and lists of either direction within the bubble, and asks no host for an image", async () => {
    say(
      [
        "![a cup](https://images.test/cup.png)",
        `https://elsewhere.test/${"a-long-path/".repeat(40)}`,
        "995. nine hundred\n996. more",
        "- left to right\n- again\n  - قائمة\n    - deeper",
        "* من اليمين\n* مرة أخرى",
      ].join("\n\n"),
    );
    const page = await visit({ width: 400, height: 700, attributes: 'data-lang="ar"' });
    await page.cdp("Performance.enable");
    await ask(page);
    await page.waitFor(ENDED);
    expect(await page.evaluate("$('.scroll').scrollWidth <= $('.scroll').clientWidth")).toBe(true);
    expect(await page.evaluate("$$('.bubble img').length")).toBe(0);
    expect(
      await page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => name.includes('images.test')).length",
      ),
    ).toBe(0);
    // The marks stand in the padding at the beginning of the list, which is where its own text begins.
    const lists = await page.evaluate<
      [string, number, number][]
    >(`$$('.log .bubble :is(ul, ol)').map((list) => {
      const { direction, paddingInlineStart, font } = getComputedStyle(list);
      const pen = Object.assign(document.createElement("canvas").getContext("2d"), { font });
      const mark = list.start ? list.start + list.children.length + ". " : "•";
      return [direction, parseFloat(paddingInlineStart), pen.measureText(mark).width];
    })`);
    expect(lists.map(([direction]) => direction)).toEqual(["ltr", "ltr", "rtl", "ltr", "rtl"]);
    for (const [, room, mark] of lists) expect(room).toBeGreaterThan(mark);
    await page.screenshot("markdown-lists-ar");
  });

  test.each([
    ["ar", "Column"],
    ["en", "عمود"],
  ])(
    "begins a wide table with its first columns, whatever the language: %s, %s",
    async (language, name) => {
      const row = (text: string) => `|${` ${text} |`.repeat(12)}\n`;
      say(`${row(name)}${row("---")}${row(name)}`);
      const page = await visit({ attributes: `data-lang="${language}"` });
      await ask(page);
      await page.waitFor(ENDED);
      expect(
        await page.evaluate(`(({ left: outer, right: end }, { left, right }) => left >= outer && right <= end)(
        ...[".log .table", ".log th"].map((each) => $(each).getBoundingClientRect()),
      )`),
      ).toBe(true);
      expect(
        await page.evaluate("$('.log .table').scrollWidth > $('.log .table').clientWidth"),
      ).toBe(true);
    },
  );

  test("keeps the selection and the place of wide code while it is coloured", async () => {
    chat.model.script = silence;
    const page = await visit({ width: 400, height: 700 });
    await ask(page);
    const call = await chat.model.call(0);
    call.token(`\`\`\`js\nconst first = "${"wide ".repeat(40)}"; // one\nlet sec`);
    await page.waitFor("$('.log pre .keyword:nth-of-type(n+2)')");
    await page.evaluate(
      "void (getSelection().selectAllChildren($('.log pre .string')), $('.log pre').focus(), ($('.log pre').scrollLeft = 80))",
    );
    const selected = await page.evaluate<string>("`${getSelection()}`");
    for (const token of [
      "ond",
      " = ",
      "'two",
      "';",
      "\nif (",
      "x) {",
      "\n  return 3; /* and",
      " so */\n}",
    ]) {
      call.token(token);
      await page.waitFor(`$('.log pre').textContent.endsWith(${JSON.stringify(token)})`);
    }
    call.token(`\n${"// a line that is long enough\n".repeat(200)}`);
    await page.waitFor("$('.log pre .part')");
    expect(await page.evaluate("`${getSelection()}`")).toBe(selected);
    expect(selected).toStartWith('"wide wide');
    expect(await page.evaluate("$('.log pre').scrollLeft")).toBe(80);
    expect(await page.evaluate("$('.log pre').getRootNode().activeElement === $('.log pre')")).toBe(
      true,
    );
    call.finish();
    await page.waitFor(ENDED);
  });

  test("loads what colours code when there is code, if it has not come before", async () => {
    const loaded =
      "performance.getEntriesByType('resource').filter(({ name }) => name.includes('.extras.js')).length";
    const page = await visit();
    expect(await page.evaluate(loaded)).toBe(0);
    say("```js\nconst a = 1;\n```");
    await ask(page);
    await page.waitFor("$('.log pre .keyword')?.textContent === 'const'");
    expect(await page.evaluate(loaded)).toBe(1);
    expect(await page.evaluate("$('.log pre').textContent.trim()")).toBe("const a = 1;");
  });

  test("colours the code of a greeting", async () => {
    const page = await visit({ attributes: "data-welcome-message='```js\nconst b\n```'" });
    await page.waitFor("$('.welcome .keyword')?.textContent === 'const'");
  });

  test("does not show a table as bars while its head is written", async () => {
    chat.model.script = silence;
    const page = await visit();
    await ask(page);
    const call = await chat.model.call(0);
    await page.evaluate(`void (window.seen = [], new MutationObserver(() => {
      for (const p of $$(".log .assistant p")) if (p.textContent.includes("|")) seen.push(p.textContent);
    }).observe($(".log"), { subtree: true, childList: true, characterData: true }))`);
    let sent = "";
    for (const token of [
      "Prices:\n\n",
      "| Co",
      "ffee |",
      " Price",
      " |\n",
      "|--",
      "-|--",
      "-:|\n",
      "| a | 1",
      " |\n",
    ]) {
      call.token(token);
      sent += token;
      const text = JSON.stringify(sent.replaceAll(/[\s|:-]/g, ""));
      await page.waitFor(
        `$('.log .assistant .bubble')?.textContent.replace(/[\\s|:-]/g, "") === ${text}`,
      );
    }
    expect(await page.evaluate("seen")).toEqual([]);
    expect(
      await page.evaluate("$$('.log th, .log td').map(({ textContent }) => textContent)"),
    ).toEqual(["Coffee", "Price", "a", "1"]);
    call.finish();
    await page.waitFor(ENDED);
  });

  test.each([
    "[",
    "![a](",
    "*a **b ",
    "`",
    "> ",
    "- - ",
    "|a|b|c\n",
    "https://",
    "_a_ ",
    "&amp;",
    "\\",
  ])("200 KB of %j are shown, and the page answers meanwhile", async (piece) => {
    await chat.restart({ MAX_OUTPUT_TOKENS: "50000" });
    const head = piece.startsWith("|") ? `${piece}|-|-|-\n` : "";
    const text = head + piece.repeat(Math.ceil(200_000 / piece.length));
    chat.model.script = (call) => {
      for (let at = 0; at < text.length; at += 20_000) call.token(text.slice(at, at + 20_000));
      call.finish();
    };
    const page = await visit();
    await ask(page);
    await page.waitFor(ENDED);
    expect(await page.evaluate("$('textarea').value")).toBe("");
    // Nothing that nests can nest deeply.
    const depth = `((depth, level) => { while (level.length) { depth++; level = level.flatMap((each) => [...each.children]); } return depth; })(0, $$('.log .bubble').slice(-1))`;
    expect(await page.evaluate<number>(depth)).toBeLessThan(64);
  });

  test("is laid out anew at its end only, also in a single block of 200 KB", async () => {
    await chat.restart({ MAX_OUTPUT_TOKENS: "50000" });
    chat.model.script = silence;
    const page = await visit();
    await ask(page);
    const call = await chat.model.call(0);
    const lines = "    a line of code(x) { return y; }\n".repeat(60);
    call.token("```js\n");
    for (let sent = 0; sent < 200_000; sent += lines.length) call.token(lines);
    await page.waitFor("$('.log .pending pre')?.textContent.length > 199_000");
    await page.waitFor("$('.log .part:last-child .keyword')");
    await page.evaluate(`void (window.touched = new Set(), new MutationObserver((all) => {
      for (const { target } of all) touched.add(target.parentElement?.closest(".part") ?? target);
    }).observe($(".log"), { subtree: true, childList: true, characterData: true }))`);
    for (let line = 0; line < 20; line++) call.token(`line ${line}\n`);
    await page.waitFor("$('.log .pending pre').textContent.includes('line 19')");
    expect(await page.evaluate("touched.size === 1 && touched.has($$('.part').at(-1))")).toBe(true);
    expect(await page.evaluate("$$('.part').length")).toBeGreaterThan(40);
    call.finish();
    await page.waitFor(ENDED);
  });

  test("comes to the same however it is cut while it is written", async () => {
    chat.model.script = silence;
    const page = await visit();
    await ask(page);
    const call = await chat.model.call(0);
    // The same cuts in every run.
    for (let at = 0, size = 1; at < ANSWER.length; at += size) {
      size = 1 + ((at * 7919) % 23);
      call.token(ANSWER.slice(at, at + size));
      if (at % 3 === 0) await Bun.sleep(5);
    }
    call.finish();
    await page.waitFor(COLOURED);
    const shown = "$$('.log .assistant .bubble').at(-1).innerHTML";
    const streamed = await page.evaluate<string>(shown);
    await page.reload();
    await page.waitFor(COLOURED);
    expect(await page.evaluate<string>(shown)).toBe(streamed);
  });

  test.each([
    ["light", "en", 320],
    ["dark", "ar", 900],
  ] as const)(
    "passes axe in %s colours, in %s, on %i pixels",
    async (colorScheme, language, width) => {
      const page = await answered({
        colorScheme,
        width,
        height: 1200,
        attributes: `data-lang="${language}"`,
      });
      const axe = await Bun.file(require.resolve("axe-core/axe.min.js")).text();
      await page.cdp("Runtime.evaluate", { expression: axe });
      const violations =
        "axe.run('chatporch-widget').then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join()))";
      expect(await page.evaluate<string[]>(violations)).toEqual([]);
      await page.screenshot(`markdown-${width}-${language}-${colorScheme}`);
    },
  );
});
