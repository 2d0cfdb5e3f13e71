import { describe, expect, test } from "bun:test";

import { hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { ENDED, openPanel, type PanelOptions } from "../support/open-panel.ts";
import { pressTwice } from "../support/panel-page.ts";

/** What a visitor sees before the first question, and how large its texts are. */

const chat = chatWebsite();

const visit = (options?: PanelOptions) => openPanel(chat.website, chat.server, options);
const LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen";
const suggestions = (texts: readonly string[]) => `data-suggestions="${texts.join(" | ")}"`;
const BOX = (selector: string) => `$('${selector}').getBoundingClientRect()`;
/** Nothing is wider than what it stands in. */
const FITS =
  "['.panel', '.scroll', '.suggestions'].every((each) => (({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)($(each)))";

describe.skipIf(!hasBrowser)("the first screen", () => {
  test("is a greeting with questions above the input, and the greeting becomes the first message", async () => {
    const page = await visit({ attributes: suggestions(["Prices", "Opening hours"]) });
    const size = "parseFloat(getComputedStyle($('.welcome p')).fontSize)";
    expect(await page.evaluate<number>(size)).toBeCloseTo(22, 0);
    const rows = await page.evaluate<[number, number, number]>(
      `[${BOX(".suggestion")}.width, ${BOX(".suggestions")}.width, ${BOX(".composer")}.top - ${BOX(".suggestions")}.bottom]`,
    );
    expect(rows[0]).toBe(rows[1]);
    expect(rows[2]).toBeLessThan(40);
    await page.evaluate(pressTwice(".suggestion"));
    await page.waitFor(ENDED);
    expect(await page.evaluate("$$('.user').length")).toBe(1);
    expect(await page.evaluate("$('.suggestions').checkVisibility()")).toBe(false);
    expect(await page.evaluate<number>(size)).toBe(15);
    expect(await page.evaluate("$('.user .bubble').textContent")).toBe("Prices");
  });

  test.each([
    [
      22,
      "What can we bake for you?",
      "Bread, orders, parcels, vouchers and opening hours: whatever it is, just ask.",
    ],
    [
      17,
      "Welcome. We know our bread, our shops, orders, parcels and vouchers, and we like all your questions.",
      "",
    ],
  ])(
    "has a headline of %d pixels where the greeting begins with: %s",
    async (size, first, more) => {
      const page = await visit({ attributes: `data-welcome-message="${first}\n\n${more}"` });
      const seen = "Math.round(parseFloat(getComputedStyle($('.welcome p')).fontSize))";
      expect(await page.evaluate(seen)).toBe(size);
    },
  );

  test("is read from its beginning where not all of it fits, and the answer is followed", async () => {
    const questions = Array.from({ length: 12 }, (_, at) => `Question number ${at + 1}`);
    const page = await visit({ attributes: suggestions(questions), width: 900, height: 560 });
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
    const fits = "$('.scroll').scrollHeight <= $('.scroll').clientHeight";
    expect(await page.evaluate(`[${fits}, $('.scroll').scrollTop]`)).toEqual([false, 0]);
    chat.model.script = (call) => {
      call.token("A line of the answer.\n\n".repeat(30));
      call.finish();
    };
    await page.click(".suggestion");
    await page.waitFor(ENDED);
    await page.waitFor(
      "(({ scrollHeight, scrollTop, clientHeight }) => scrollTop > 300 && scrollHeight - scrollTop - clientHeight < 2)($('.scroll'))",
    );
  });

  test("has the mark of where one writes at the side where its placeholder begins", async () => {
    const page = await visit({ attributes: "data-lang=ar" });
    const bidi = "getComputedStyle($('textarea')).unicodeBidi";
    expect(await page.evaluate(bidi)).toBe("normal");
    await page.fill("textarea", "Hello");
    expect(await page.evaluate(bidi)).toBe("plaintext");
  });

  test("leaves the keyboard of a phone away when a question is chosen", async () => {
    const page = await visit({ attributes: suggestions(["Prices"]), width: 360, height: 740 });
    await page.cdp("Emulation.setTouchEmulationEnabled", { enabled: true });
    await page.click(".suggestion");
    await page.waitFor(ENDED);
    const focused = "$('chatporch-widget').shadowRoot.activeElement.className";
    expect(await page.evaluate(focused)).toBe("panel");
  });

  test.each([
    ["no question", [], {}],
    ["six questions, one of them a long word", ["1", "2", "3", LONG, "5", "6"], {}],
    ["a small screen", [LONG, LONG], { width: 320, height: 568 }],
  ] as const)(
    "keeps within the panel, from left to right and from right to left: %s",
    async (_what, texts, size) => {
      for (const language of ["en", "ar"]) {
        const page = await visit({
          ...size,
          attributes: `${suggestions(texts)} data-lang="${language}" data-welcome-message="${LONG} ${LONG}"`,
        });
        expect(await page.evaluate(FITS)).toBe(true);
        expect(await page.evaluate(`${BOX(".panel > p")}.bottom <= ${BOX(".panel")}.bottom`)).toBe(
          true,
        );
        page.close();
      }
    },
  );

  test.each([
    [1280, 800],
    [360, 740],
  ])(
    "keeps within %d × %d where the reader's own text is twice as large",
    async (width, height) => {
      const page = await visit({
        width,
        height,
        attributes: suggestions(["Prices", "Opening hours", "Where is my order?"]),
      });
      const line = "parseFloat(getComputedStyle($('.panel')).fontSize)";
      expect(await page.evaluate<number>(line)).toBe(15);
      // What a reader does in the settings of the browser. A page's own rem changes nothing.
      await page.evaluate("void (document.documentElement.style.fontSize = '40px')");
      expect(await page.evaluate<number>(line)).toBe(15);
      await page.cdp("Page.setFontSizes", { fontSizes: { standard: 32 } });
      await page.waitFor(`${line} === 30`);
      expect(await page.evaluate(FITS)).toBe(true);
      await page.fill("textarea", "Hello");
      await page.press("Enter");
      await page.waitFor(ENDED);
      expect(await page.evaluate(FITS)).toBe(true);
      for (const selector of [".composer", ".panel > p", ".head", ".meta .copy"]) {
        const within = `(({ left, right, top, bottom }) => left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight)(${BOX(selector)})`;
        // The end of the answer is scrolled to.
        await page.waitFor(within);
      }
    },
  );
});
