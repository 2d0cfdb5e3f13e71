import { type BrowserPage, openPage } from "../support/browser.ts";
import type { Website } from "../support/website.ts";

/** The window of a phone. */
export const PHONE = { width: 360, height: 700 };
/** Three of them with room between. */
const SHEET = { width: 1240, height: 780 };

/** An image of what is on the page, in two pixels a pixel. In base64. */
export async function imageOf(page: BrowserPage, size: typeof PHONE): Promise<string> {
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

/** Writes a picture of three phones side by side. */
export async function writePhoneSheet(
  file: string,
  website: Website,
  images: readonly string[],
): Promise<void> {
  website.show("");
  const sheet = await openPage(SHEET);
  await sheet.goto(website.origin);
  const style =
    "margin:0;height:100vh;display:flex;gap:32px;align-items:center;justify-content:center;background:#e3efec";
  const frames =
    "<style>img{border-radius:32px;border:6px solid #3c4a46;box-shadow:0 16px 48px #0003}</style>";
  const phones = images.map(
    (data) => `<img src="data:image/png;base64,${data}" width="${PHONE.width}">`,
  );
  await sheet.evaluate(
    `(document.body.style = ${JSON.stringify(style)}, document.body.innerHTML = ${JSON.stringify(frames + phones.join(""))}, true)`,
  );
  await Bun.write(file, Buffer.from(await imageOf(sheet, SHEET), "base64"));
  sheet.close();
}
