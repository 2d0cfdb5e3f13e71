import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { startModelServer } from "../../harness/model-server.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";
import { type BrowserPage, openPage } from "../support/browser.ts";
import { createTestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";
import { reply, type State, STATES } from "./states.ts";

/**
 * Makes pictures of every state of the widget: light and dark, at four sizes, in English and in Arabic, and of each state a
 * sheet of all of them. Needs Chromium.
 * Usage: bun tests/pictures/make.ts FOLDER [PART OF A STATE'S NAME]
 */
const [folder, part = ""] = process.argv.slice(2);
if (folder === undefined) throw new Error("Usage: bun tests/pictures/make.ts FOLDER [NAME]");

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const SCHEMES = ["light", "dark"] as const;
/** Heights of the pictures on a sheet. */
const SHEET_HEIGHT = 400;

const website = startWebsite();
const model = startModelServer(reply);
const app = createTestApp({
  modelUrl: model.url,
  env: { CORS_ORIGIN: website.origin, RATE_LIMIT_MAX: "10000" },
});
const server = app.listen();

/** A page of a shop with the widget in this state. */
function show({ attributes = "", mode }: State, language: "en" | "ar"): void {
  const direction = language === "ar" ? "rtl" : "ltr";
  const style =
    "<style>html{color-scheme:light dark}body{font:16px/1.6 system-ui;max-width:900px;margin:40px auto;padding:0 20px}</style>";
  const text = `<p dir="${direction}">${"We bake bread every morning, and deliver it before noon. ".repeat(12)}</p>`;
  const chat =
    mode === undefined
      ? widgetTag(server, `data-lang="${language}" ${attributes}`)
      : `<script type="module" src="${server}${widgetFiles.element.path}"></script><chat-porch api-key="${WIDGET_KEY}" mode="${mode}" lang="${language}" ${attributes} ${mode === "inline" ? 'style="width:300px"' : ""}></chat-porch>`;
  website.show(
    `${style}${text}${chat}<script>document.documentElement.dir="${direction}"</script>`,
  );
}

async function picture(page: BrowserPage): Promise<string> {
  const frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
  await page.evaluate(`${frame}.then(() => ${frame}).then(() => true)`);
  await Bun.sleep(250);
  const { data } = await page.cdp<{ data: string }>("Page.captureScreenshot", { format: "png" });
  return data;
}

async function makeSheet(state: State): Promise<void> {
  const images: string[] = [];
  for (const language of ["en", "ar"] as const) {
    show(state, language);
    const page = await openPage(SIZES[2]);
    await page.goto(website.origin);
    await page.evaluate("localStorage.clear()");
    await page.goto(website.origin);
    await page.waitFor(state.mode ? "$('.panel textarea')" : "window.Chatporch");
    await state.steps?.(page);
    for (const colorScheme of SCHEMES) {
      for (const size of SIZES) {
        await page.resize(size);
        await page.prefer({ colorScheme });
        const data = await picture(page);
        const name = [state.name, language, size.width, colorScheme]
          .join("-")
          .replaceAll(/\W+/g, "-");
        await Bun.write(resolve(`${folder}`, `${name}.png`), Buffer.from(data, "base64"));
        images.push(`<img src="data:image/png;base64,${data}" height="${SHEET_HEIGHT}">`);
      }
    }
    page.close();
  }
  website.show("");
  const sheet = await openPage({ width: 1880, height: 4 * (SHEET_HEIGHT + 8) });
  await sheet.goto(website.origin);
  const style = "margin:0;background:#888;display:flex;flex-wrap:wrap;gap:6px";
  await sheet.evaluate(
    `(document.body.style = ${JSON.stringify(style)}, document.body.innerHTML = ${JSON.stringify(images.join(""))}, true)`,
  );
  const name = `sheet-${state.name.replaceAll(/\W+/g, "-")}.png`;
  await Bun.write(resolve(`${folder}`, name), Buffer.from(await picture(sheet), "base64"));
  sheet.close();
  console.log(name);
}

mkdirSync(folder, { recursive: true });
for (const state of STATES.filter(({ name }) => name.includes(part))) await makeSheet(state);
await app.close();
await model.stop();
await website.stop();
process.exit(0);
