import { copyFileSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { databaseIn, KEYS } from "../../harness/chat-requests.ts";
import { answer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { type BrowserPage, openPage } from "../support/browser.ts";
import { logIn, OWNER_PASSWORD, startFilled } from "../support/owner-browser.ts";
import { fillBudget, fillShop, type Page, PAGES } from "./dashboard-pages.ts";

/**
 * Makes pictures of every page of the dashboard: light and dark, at four sizes, at 200 % zoom, with text twice as large, in forced colours and
 * without script, and of each page a sheet of some of them. Needs Chromium.
 * Usage: bun tests/pictures/dashboard.ts FOLDER [PART OF A PAGE'S NAME | ""] [DATABASE IN PLACE OF THE SHOP'S]
 */
const [folder, part = "", database] = process.argv.slice(2);
if (folder === undefined) throw new Error("Usage: bun tests/pictures/dashboard.ts FOLDER [NAME]");

interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly features?: Readonly<Record<string, string>>;
  /** The reader has chosen a text so many times as large. */
  readonly textScale?: number;
  readonly hasNoScript?: boolean;
  /** It is on the sheet. */
  readonly isOnSheet?: boolean;
}

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 800 };
const LIGHT = { "prefers-color-scheme": "light" };
const DARK = { "prefers-color-scheme": "dark" };
const LOOKS: readonly Look[] = [
  { name: "360-light", ...PHONE, isOnSheet: true },
  { name: "360-dark", ...PHONE, features: DARK },
  { name: "768-light", width: 768, height: 1024, isOnSheet: true },
  { name: "768-dark", width: 768, height: 1024, features: DARK },
  { name: "1280-light", ...DESK },
  { name: "1280-dark", ...DESK, features: DARK, isOnSheet: true },
  { name: "1920-light", width: 1920, height: 1080, isOnSheet: true },
  { name: "1920-dark", width: 1920, height: 1080, features: DARK },
  // A window of 1280 pixels at 200 % has so much room.
  { name: "zoom", width: 640, height: 400 },
  { name: "large-text", ...PHONE, textScale: 2 },
  { name: "no-script", ...DESK, hasNoScript: true },
  { name: "forced-colors", ...DESK, features: { ...DARK, "forced-colors": "active" } },
];
const MAX_HEIGHT = 3000;
const SHEET_HEIGHT = 1000;

const model = startModelServer(answer("Yes, within five working days [1]."));
const settings = { OPENAI_BASE_URL: model.url };

function startShop() {
  if (database === undefined) return startFilled(fillShop, settings);
  const path = temporaryFolder();
  mkdirSync(resolve(path, "data"), { recursive: true });
  copyFileSync(database, databaseIn(path));
  const owner = { DASHBOARD_PASSWORD: OWNER_PASSWORD, RATE_LIMIT_MAX_REQUESTS: "5000" };
  return startChatporch({ ...KEYS, ...owner, ...settings }, path);
}

const servers = {
  shop: await startShop(),
  budget: await startFilled(fillBudget, settings),
  empty: await startFilled(() => Promise.resolve(), settings),
  unclaimed: await startFilled(() => Promise.resolve(), { ...settings, DASHBOARD_PASSWORD: "" }),
};

async function show(page: BrowserPage, { path, of = "shop", link, steps }: Page): Promise<void> {
  const { url } = servers[of];
  await page.goto(`${url}${path}`);
  if (link !== undefined) {
    const next = await page.evaluate<string>(`$(${JSON.stringify(link)})?.href ?? ""`);
    if (next === "") return console.log(`Nothing is at ${link} of ${path}`);
    await page.goto(next);
  }
  await steps?.(page);
}

/** The picture of the whole page, and how far it is wider than the window. */
async function picture(page: BrowserPage, look: Look): Promise<{ data: string; excess: number }> {
  const { width, height } = look;
  await page.resize(look);
  const features = Object.entries({
    ...LIGHT,
    ...look.features,
    "prefers-reduced-motion": "reduce",
  });
  await page.cdp("Emulation.setEmulatedMedia", {
    features: features.map(([name, value]) => ({ name, value })),
  });
  await Bun.sleep(150);
  const { cssContentSize } = await page.cdp<{ cssContentSize: { width: number; height: number } }>(
    "Page.getLayoutMetrics",
  );
  const whole = Math.min(MAX_HEIGHT, Math.max(height, cssContentSize.height));
  const clip = { x: 0, y: 0, width, height: whole, scale: 1 };
  const { data } = await page.cdp<{ data: string }>("Page.captureScreenshot", {
    format: "png",
    captureBeyondViewport: true,
    clip,
  });
  return { data, excess: cssContentSize.width - width };
}

async function makePictures(shown: Page): Promise<void> {
  const images: string[] = [];
  const page = await openPage();
  if (!shown.isPublic) await logIn(page, servers[shown.of ?? "shop"].url);
  for (const look of LOOKS) {
    await page.resize(look);
    await page.cdp("Emulation.setScriptExecutionDisabled", { value: look.hasNoScript ?? false });
    await show(page, shown);
    if (look.textScale !== undefined) {
      await page.evaluate(`void (document.documentElement.style.fontSize = "${look.textScale}em")`);
    }
    const { data, excess } = await picture(page, look);
    const name = `${shown.name}-${look.name}`;
    if (excess > 0) console.log(`${name} is ${excess} px wider than the window.`);
    await Bun.write(resolve(`${folder}`, `${name}.png`), Buffer.from(data, "base64"));
    if (look.isOnSheet) {
      images.push(`<img src="data:image/png;base64,${data}" height="${SHEET_HEIGHT}">`);
    }
  }
  page.close();
  await makeSheet(`sheet-${shown.name}.png`, images);
}

async function makeSheet(name: string, images: readonly string[]): Promise<void> {
  const size = { name, width: 2400, height: SHEET_HEIGHT };
  const sheet = await openPage(size);
  await sheet.goto("about:blank");
  const style = "margin:0;background:#888;display:flex;gap:6px;align-items:start";
  await sheet.evaluate(
    `(document.body.style = ${JSON.stringify(style)}, document.body.innerHTML = ${JSON.stringify(images.join(""))}, true)`,
  );
  const { data } = await picture(sheet, size);
  await Bun.write(resolve(`${folder}`, name), Buffer.from(data, "base64"));
  sheet.close();
}

mkdirSync(folder, { recursive: true });
for (const page of PAGES.filter(({ name }) => name.includes(part))) await makePictures(page);
await cleanUp();
await model.stop();
process.exit(0);
