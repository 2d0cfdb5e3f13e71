import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";

import { widgetFiles } from "../../src/assets/widget-files.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";
import { createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";

let app: TestApp;
let website: Website;

beforeEach(() => {
  website = startWebsite();
  app = createTestApp({ env: { CORS_ORIGIN: website.origin } });
});
afterEach(async () => {
  await app.close();
  await website.stop();
});
afterAll(closePages);

describe.skipIf(!hasBrowser)("texts and looks that the owner has set", () => {
  test("are on every page, whose own attributes win", async () => {
    const texts = {
      WIDGET_TITLE: "Of the owner",
      WIDGET_GREETING: "Good day!",
      WIDGET_SUGGESTIONS: "Prices | Hours",
      WIDGET_COLOR: "#0f766e",
      WIDGET_NOTICE: "Our robot answers.",
      WIDGET_PRIVACY_URL: "https://www.example.com/privacy",
    };
    await app.settings.change(texts, { by: "the dashboard" });
    const server = app.listen();
    const attributes = `data-api-key="${WIDGET_KEY}" data-welcome-message="Of the page"`;
    website.show(
      `<script src="${server}${widgetFiles.loader.path}" ${attributes} data-open defer></script>`,
    );
    const page = await openPage();
    await page.goto(website.origin);
    await page.waitFor(`$(".panel")?.textContent.includes("Of the owner")`);
    const panel = await page.evaluate<string>(`$(".panel").textContent`);
    expect(panel).toContain("Of the page");
    expect(panel).toContain("Prices");
    expect(panel).toContain("Our robot answers.");
    expect(panel).not.toContain("Good day!");
    expect(await page.evaluate(`$(".panel > p a").href`)).toBe("https://www.example.com/privacy");
  });
});
