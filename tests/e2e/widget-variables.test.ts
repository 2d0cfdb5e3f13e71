import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { type BrowserPage, closePages, hasBrowser, openPage } from "../support/browser.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";

/** The CSS variables with which a page sets the looks of the widget and of the element. */

const STYLE = `<style>
  :root { --chatporch-font: Georgia, serif; --chatporch-font-size: 18px; --chatporch-radius: 3px; --chatporch-accent: rgb(0, 90, 0); }
  .other { --chatporch-accent: rgb(200, 0, 0); }
</style>`;

let website: Website;
let model: ModelServer;
let app: TestApp;
let base: string;

beforeEach(() => {
  website = startWebsite();
  model = startModelServer();
  app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
  base = app.listen();
});
afterEach(async () => {
  closePages();
  await app.close();
  await model.stop();
  await website.stop();
});

const tag = (attributes = "") => widgetTag(base, `data-open ${attributes}`);
const element = (attributes = "") =>
  `<script type="module" src="${base}${widgetFiles.element.path}"></script><chat-porch api-key="${WIDGET_KEY}" ${attributes}></chat-porch>`;

/** Opens a page with one chat, which has been asked a question. */
async function visit(body: string): Promise<BrowserPage> {
  website.show(body);
  const page = await openPage();
  await page.goto(website.origin);
  await page.waitFor("$('textarea')");
  await page.fill("textarea", "Do you ship?");
  await page.press("Enter");
  await page.waitFor("$('.log .assistant:not(.pending) .bubble')");
  return page;
}

const styleOf = (page: BrowserPage, selector: string, property: string) =>
  page.evaluate<string>(`getComputedStyle($("${selector}")).getPropertyValue("${property}")`);

describe.skipIf(!hasBrowser)("the page's variables", () => {
  test.each([
    ["the widget", () => tag()],
    ["the element", () => element()],
  ])("set font, sizes, radius and accent of %s", async (_what, body) => {
    const page = await visit(STYLE + body());
    const looks = {
      font: await styleOf(page, ".assistant .bubble", "font-family"),
      text: await styleOf(page, ".assistant .bubble", "font-size"),
      line: await styleOf(page, ".panel > p", "font-size"),
      input: await styleOf(page, "textarea", "font-size"),
      panel: await styleOf(page, ".panel", "border-top-left-radius"),
      bubble: await styleOf(page, ".user .bubble", "border-top-left-radius"),
      accent: await styleOf(page, ".user .bubble", "background-color"),
    };
    expect(looks).toEqual({
      font: "Georgia, serif",
      text: "18px",
      line: "14.4px",
      input: "19px",
      panel: "3px",
      bubble: "3px",
      accent: "rgb(0, 90, 0)",
    });
    expect(page.console).toEqual([]);
    await page.evaluate("document.documentElement.className = 'other'");
    await page.waitFor("getComputedStyle($('.user .bubble')).backgroundColor === 'rgb(200, 0, 0)'");
  });

  test("colour the launcher before its panel is there", async () => {
    website.show(STYLE + tag().replace("data-open", ""));
    const page = await openPage();
    await page.goto(website.origin);
    await page.waitFor("$('.launcher')");
    expect(await styleOf(page, ".launcher", "background-color")).toBe("rgb(0, 90, 0)");
  });

  test.each([
    ["the widget", () => tag("data-accent-color='rgb(0, 0, 150)'")],
    ["the element", () => element("accent-color='rgb(0, 0, 150)'")],
  ])("give way to the attributes of %s", async (_what, body) => {
    const page = await visit(STYLE + body());
    expect(await styleOf(page, ".user .bubble", "background-color")).toBe("rgb(0, 0, 150)");
  });

  test("may be missing, and then nothing of the page's fonts and sizes reaches the chat", async () => {
    const page = await visit(`<style>* { font: 30px serif }</style>${element()}`);
    expect(await styleOf(page, ".assistant .bubble", "font-size")).toBe("15px");
    expect(await styleOf(page, "textarea", "font-size")).toBe("16px");
    expect(await styleOf(page, ".panel", "border-top-left-radius")).toBe("18px");
  });
});
