import { beforeEach, describe, expect, test } from "bun:test";

import { answer } from "../../harness/model-server.ts";
import { hasBrowser } from "../support/browser.ts";
import { chatWebsite } from "../support/chat-website.ts";
import { ENDED, openPanel } from "../support/open-panel.ts";

const chat = chatWebsite();

describe.skipIf(!hasBrowser)("the looks of the widget", () => {
  beforeEach(() => {
    chat.model.script = answer("Donaudampfschiff, `npm install` und <https://x.test/>");
  });

  test.each(["light", "dark"] as const)(
    "let nothing of the page shine through a button under the mouse, in %s colours",
    async (colorScheme) => {
      const page = await openPanel(chat.website, chat.server, { colorScheme });
      await page.evaluate("Chatporch.close()");
      await page.waitFor("!$('.panel').checkVisibility()");
      const at = await page.evaluate<{ x: number; y: number }>(
        "(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))($('.launcher').getBoundingClientRect())",
      );
      const look =
        "(({ opacity, filter, backgroundColor }) => [opacity, filter, backgroundColor])(getComputedStyle($('.launcher')))";
      const [, filterBefore] = await page.evaluate<string[]>(look);
      await page.cdp("Input.dispatchMouseEvent", { type: "mouseMoved", ...at });
      await page.waitFor("$('.launcher').matches(':hover')");
      const [opacity, filter, background] = await page.evaluate<string[]>(look);
      expect(filter).not.toBe(filterBefore);
      expect(filter).toStartWith("brightness(");
      expect(opacity).toBe("1");
      expect(background).toStartWith("rgb(");
    },
  );

  test("separate words by the rules of their language, but no code and no address", async () => {
    const page = await openPanel(chat.website, chat.server, { attributes: 'data-lang="de"' });
    await page.fill("textarea", "Wie?");
    await page.press("Enter");
    await page.waitFor(ENDED);
    const hyphens =
      "['.log .assistant p', '.log .assistant code', '.log .assistant a'].map((part) => getComputedStyle($(part)).hyphens)";
    expect(await page.evaluate(hyphens)).toEqual(["auto", "manual", "manual"]);
    expect(await page.evaluate("$('.log .assistant p').closest('[lang]').lang")).toBe("de");
  });
});
