import { answer, startModelServer } from "../../harness/model-server.ts";
import { ENDED, openPanel } from "../support/open-panel.ts";
import { createTestApp } from "../support/test-app.ts";
import { startWebsite } from "../support/website.ts";
import { imageOf, PHONE, writePhoneSheet } from "./phone-sheet.ts";
import { RICH } from "./states.ts";

/**
 * Makes the picture of three phones for the documentation: the first screen, an answer, and the same in dark colours.
 * Needs Chromium. Usage: bun tests/pictures/phones.ts FILE.png
 */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("Usage: bun tests/pictures/phones.ts FILE.png");

const LOOKS = `data-title="Hearth &amp; Grain" data-privacy-url="https://a.test/" data-welcome-message="Good morning! What can we bake for you?\n\nBread, orders, parcels and opening hours: just ask." data-suggestions="Where is my order? | When are you open? | Do you ship to Norway?"`;

const website = startWebsite();
const model = startModelServer(answer(RICH));
const app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
const server = app.listen();

const images: string[] = [];
for (const [colorScheme, isAsked] of [
  ["light", false],
  ["light", true],
  ["dark", true],
] as const) {
  const options = { ...PHONE, colorScheme, reducedMotion: true, attributes: LOOKS };
  const page = await openPanel(website, server, options);
  await page.cdp("Emulation.setScrollbarsHidden", { hidden: true });
  if (isAsked) {
    await page.fill("textarea", "Do you ship to Norway?");
    await page.press("Enter");
    await page.waitFor(ENDED);
  }
  await page.evaluate("void $('.panel').focus()");
  images.push(await imageOf(page, PHONE));
  await page.evaluate("localStorage.clear()");
  page.close();
}
await writePhoneSheet(file, website, images);

await app.close();
await model.stop();
await website.stop();
process.exit(0);
