import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { accessibleElements } from "../support/accessibility.ts";
import { type BrowserPage, closePages, hasBrowser } from "../support/browser.ts";
import { ENDED, openPanel, type PanelOptions } from "../support/open-panel.ts";
import { createTestGrounder, PASSAGES } from "../support/passages.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";

let website: Website;
let model: ModelServer;
let app: TestApp;
let base: string;

const LONG = "General terms and conditions of a shop with a very long name ".repeat(6);
const MANY = [
  ...PASSAGES,
  ...[LONG, "الشحن", "x".repeat(120), "Prices", "Care"].map((title, at) => ({
    ...PASSAGES[0],
    uri: `https://shop.example/${at}`,
    title,
  })),
];

const visit = (options?: PanelOptions) => openPanel(website, base, options);

async function ask(page: BrowserPage): Promise<void> {
  await page.fill("textarea", "How long to Norway?");
  await page.press("Enter");
}

/** The answer as it is drawn: its marks as {1}, and {1 url} for links. */
const SHOWN = `(() => {
  const copy = $$(".assistant .bubble").at(-1).cloneNode(true);
  for (const mark of copy.querySelectorAll(".mark")) {
    mark.replaceWith("{" + mark.textContent.slice(1, -1) + (mark.href ? " " + mark.href : "") + "}");
  }
  return copy.textContent.replaceAll("\\u00a0", " ");
})()`;
/** The list has a file of its own, which comes with the first one. */
const listedSo = (count: number) => `${LISTED}.length === ${count}`;
const LISTED = "$$('.sources:not([hidden]) li').map(({ textContent }) => textContent)";
const PAGE = "https://shop.example/shipping#norway";

/** The roles and names that assistive technology gets of the newest answer. */
async function accessibleLinks(page: BrowserPage): Promise<string[]> {
  const elements = await accessibleElements(page);
  return elements.filter((each) => /^(?:link|image)(?::|$)/.test(each));
}

describe.skipIf(!hasBrowser)("the sources of an answer in the widget", () => {
  beforeAll(() => {
    website = startWebsite();
  });
  beforeEach(() => {
    model = startModelServer();
    const { grounder } = createTestGrounder({ find: async () => MANY });
    app = createTestApp({
      modelUrl: model.url,
      grounder,
      env: { CORS_ORIGIN: website.origin },
      config: { turns: { abandonedTurnGraceMs: 10_000 } },
    });
    base = app.listen();
  });
  afterEach(async () => {
    closePages();
    await app.close();
    await model.stop();
  });
  afterAll(() => website.stop());

  test("are numbers that lead to its pages while it is written, and a list once it has ended", async () => {
    model.script = silence;
    const page = await visit();
    await ask(page);
    const call = await model.call(0);
    for (const token of ["3 to 7 days ", "[", "1", "]", ", wrapped ", "[3][", "9]", "."]) {
      call.token(token);
    }
    const shown = `3 to 7 days {1 ${PAGE}}, wrapped {3}.`;
    await page.waitFor(`${SHOWN} === "${shown}"`);
    expect(await page.evaluate(LISTED)).toEqual([]);
    call.finish();
    await page.waitFor(ENDED);
    expect(await page.evaluate(SHOWN)).toBe(shown);
    const listed = ["1Shipping › Outside the EU › Norway", "3Do you gift-wrap?"];
    await page.waitFor(listedSo(2));
    expect(await page.evaluate(LISTED)).toEqual(listed);
    const colours =
      "$$('.sources, .sources li > :first-child').map((each) => getComputedStyle(each).color)";
    expect(new Set(await page.evaluate<string[]>(colours)).size).toBe(1);
    await page.reload();
    await page.waitFor(ENDED);
    expect(await page.evaluate(SHOWN)).toBe(shown);
    await page.waitFor(listedSo(2));
    expect(await page.evaluate(LISTED)).toEqual(listed);
    expect(page.console).toEqual([]);
  });

  test("are there after a reload in mid-answer, and of one that was stopped", async () => {
    model.script = silence;
    const page = await visit();
    await ask(page);
    const call = await model.call(0);
    call.token("3 to 7 days [1]. And");
    const shown = `3 to 7 days {1 ${PAGE}}. And`;
    await page.waitFor(`${SHOWN} === "${shown}"`);
    await page.reload();
    await page.waitFor(`$(".bubble") && ${SHOWN} === "${shown}"`);
    await page.click(".send");
    await page.waitFor(ENDED);
    expect(await page.evaluate(SHOWN)).toBe(shown);
    await page.waitFor(listedSo(1));
  });

  test("never show half a number, however the answer is cut", async () => {
    model.script = silence;
    const page = await visit();
    await page.evaluate(`void (window.seen = [], new MutationObserver(() => seen.push($$(".assistant .bubble").at(-1)?.textContent))
      .observe($(".scroll"), { subtree: true, childList: true, characterData: true }))`);
    await ask(page);
    const call = await model.call(0);
    for (const token of ["Three days", " ", "[", "1", "]", "[", "2", "]", ".", " Fine", "."]) {
      const length = await page.evaluate<number>("seen.length");
      call.token(token);
      if (/\w{2}|\./.test(token)) await page.waitFor(`seen.length > ${length}`);
    }
    call.finish();
    await page.waitFor(ENDED);
    const whole = "Three days [1][2]. Fine.";
    const seen = await page.evaluate<string[]>(
      "seen.map((text) => text.replaceAll('\\u00a0', ' '))",
    );
    expect(seen.length).toBeGreaterThan(2);
    for (const text of seen) {
      expect(whole).toStartWith(text);
      expect(text).not.toMatch(/\[\d?$/);
    }
  });

  test("are links by keyboard, in a tab of their own, with a name, and at least 24 pixels high and wide", async () => {
    model.script = answer("3 to 7 days [1], wrapped [3].");
    const page = await visit();
    await ask(page);
    await page.waitFor(`${ENDED} && $(".sources a")`);
    const name = "Shipping › Outside the EU › Norway";
    expect(await accessibleLinks(page)).toEqual([
      `link: Source 1: ${name}`,
      "image: Source 3: Do you gift-wrap?",
      `link: ${name}`,
    ]);
    await page.evaluate("$('.scroll').focus()");
    for (const selector of [".mark", ".sources a"]) {
      await page.press("Tab");
      const link = await page.evaluate(
        "(({ href, target, rel, isContentEditable, ...link }) => ({ href, target, rel }))($('chatporch-widget').shadowRoot.activeElement)",
      );
      expect(link).toEqual({ href: PAGE, target: "_blank", rel: "noopener" });
      expect(
        await page.evaluate(
          `$('chatporch-widget').shadowRoot.activeElement.matches('${selector}')`,
        ),
      ).toBe(true);
    }
    const isHit = `((selector) => {
      const { x, y, width, height } = $(selector).getBoundingClientRect();
      return [[-11, 0], [11, 0], [0, -11], [0, 11]].every(([dx, dy]) =>
        $("chatporch-widget").shadowRoot.elementFromPoint(x + width / 2 + dx, y + height / 2 + dy).closest(selector));
    })`;
    expect(await page.evaluate(`${isHit}(".mark")`)).toBe(true);
    expect(await page.evaluate(`${isHit}(".sources a")`)).toBe(true);
  });

  test("are copied with the answer: its numbers by selection, and what they are by the button", async () => {
    model.script = answer("**3 to 7 days** [1], wrapped [3].");
    const page = await visit();
    await ask(page);
    await page.waitFor(ENDED);
    const selected = `(() => {
      const selection = $("chatporch-widget").shadowRoot.getSelection();
      selection.selectAllChildren($$(".assistant .bubble").at(-1));
      return String(selection).replaceAll("\\u00a0", " ");
    })()`;
    expect(await page.evaluate(selected)).toBe("3 to 7 days [1], wrapped [3].");
    await page.evaluate(
      "void (navigator.clipboard.writeText = async (text) => { window.copied = text; })",
    );
    await page.click(".copy");
    expect(await page.waitFor<string>("window.copied")).toBe(
      `**3 to 7 days** [1], wrapped [3].\n\n[1] Shipping › Outside the EU › Norway ${PAGE}\n[3] Do you gift-wrap?`,
    );
  });

  test("stay text in code, in links, and where an answer has none", async () => {
    model.script = answer("`list[1]` [see 2](https://a.test/) \\[1\\]");
    const page = await visit();
    await ask(page);
    await page.waitFor(ENDED);
    expect(await page.evaluate("$$('.mark').length")).toBe(0);
    expect(await page.evaluate("$$('.sources').length")).toBe(0);
  });

  test.each([
    ["light", "en", 320],
    ["dark", "ar", 320],
    ["light", "ar", 480],
    ["dark", "de", 900],
  ] as const)(
    "have room and pass axe in %s colours, in %s, on %i pixels",
    async (colorScheme, language, width) => {
      model.script = answer("All: [1], [2], [3], [4], [5], [6], [7], [8]. Again [1][2][3][4].");
      const page = await visit({
        attributes: `data-lang="${language}" data-accent-color="gold"`,
        colorScheme,
        width,
        // What comes with a movement has less contrast meanwhile.
        reducedMotion: true,
      });
      await ask(page);
      await page.waitFor(ENDED);
      await page.waitFor(listedSo(8));
      expect(await page.evaluate("$('.scroll').scrollWidth <= $('.scroll').clientWidth")).toBe(
        true,
      );
      const axe = await Bun.file(require.resolve("axe-core/axe.min.js")).text();
      await page.cdp("Runtime.evaluate", { expression: axe });
      const violations =
        "axe.run('chatporch-widget', { rules: { 'target-size': { enabled: true } } }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join()))";
      expect(await page.evaluate<string[]>(violations)).toEqual([]);
      await page.screenshot(`sources-${width}-${language}-${colorScheme}`);
    },
    20_000,
  );
});
