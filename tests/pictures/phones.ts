import { answer, startModelServer } from "../../harness/model-server.ts";
import { type BrowserPage, openPage } from "../support/browser.ts";
import { ENDED, openPanel } from "../support/open-panel.ts";
import { createTestApp } from "../support/test-app.ts";
import { startWebsite } from "../support/website.ts";
import { RICH } from "./states.ts";

/**
 * Makes the picture of three phones for the documentation: the first screen, an answer, and the same in dark colours.
 * Needs Chromium. Usage: bun tests/pictures/phones.ts FILE.png
 */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("Usage: bun tests/pictures/phones.ts FILE.png");

const PHONE = { width: 360, height: 700 };
const SHEET = { width: 1240, height: 780 };
const LOOKS = `data-title="Hearth &amp; Grain" data-privacy-url="https://a.test/" data-welcome-message="Good morning! What can we bake for you?\n\nBread, orders, parcels and opening hours: just ask." data-suggestions="Where is my order? | When are you open? | Do you ship to Norway?"`;

const website = startWebsite();
const model = startModelServer(answer(RICH));
const app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
const server = app.listen();

/** An image of what is on the page, in two pixels a pixel. */
async function imageOf(page: BrowserPage, size: typeof PHONE): Promise<string> {
  await page.cdp("Emulation.setDeviceMetricsOverride", {
    ...size,
    deviceScaleFactor: 2,
    mobile: false,
  });
  const frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
  await page.evaluate(`${frame}.then(() => ${frame}).then(() => true)`);
  const { data } = await page.cdp<{ data: string }>("Page.captureScreenshot", { format: "png" });
  return data;
}

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
  images.push(
    `<img src="data:image/png;base64,${await imageOf(page, PHONE)}" width="${PHONE.width}">`,
  );
  await page.evaluate("localStorage.clear()");
  page.close();
}
website.show("");
const sheet = await openPage(SHEET);
await sheet.goto(website.origin);
const style =
  "margin:0;height:100vh;display:flex;gap:32px;align-items:center;justify-content:center;background:#e3efec";
const frames =
  "<style>img{border-radius:32px;border:6px solid #3c4a46;box-shadow:0 16px 48px #0003}</style>";
await sheet.evaluate(
  `(document.body.style = ${JSON.stringify(style)}, document.body.innerHTML = ${JSON.stringify(frames + images.join(""))}, true)`,
);
await Bun.write(file, Buffer.from(await imageOf(sheet, SHEET), "base64"));

await app.close();
await model.stop();
await website.stop();
process.exit(0);
