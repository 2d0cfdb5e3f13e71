import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { type BrowserPage, openPage } from "../support/browser.ts";
import { openPanel } from "../support/open-panel.ts";
import { logIn, OWNER_PASSWORD } from "../support/owner-browser.ts";
import { ask } from "../support/panel-page.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";
import { createTestApp } from "../support/test-app.ts";
import { startWebsite } from "../support/website.ts";
import { imageOf, PHONE, writePhoneSheet } from "./phone-sheet.ts";

/**
 * Makes two pictures for the documentation: three phones of a visitor who asks for a person and gets one, and what the owner
 * sees of it. Needs Chromium. Usage: bun tests/pictures/people.ts FOLDER
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Usage: bun tests/pictures/people.ts FOLDER");

const DESK = { width: 900, height: 1220 };
const LOOKS = `data-title="Lamps by hand" data-privacy-url="https://a.test/"`;
const QUESTION = "Can you repair a lamp from 1950?";
const UNKNOWN = "I do not know whether we repair lamps that old. Our workshop can tell you.";
const CONTACT = "kari@example.com";
const NOTE = "It is a brass lamp with a broken switch.";
const OFFER =
  "Good afternoon, this is Mia from the workshop. A switch is no problem: bring it along.";
const THANKS = "Wonderful! Is Thursday all right?";
const ACCEPTED = "Yes, we are here until five.";
const KNOWN = "We make lamps by hand, each lamp from brass, and repair what we have made.";

const website = startWebsite();
const model = startModelServer(answer(`[0] ${UNKNOWN}`));
const app = createTestApp({
  modelUrl: model.url,
  env: {
    CORS_ORIGIN: website.origin,
    DASHBOARD_PASSWORD: OWNER_PASSWORD,
    PERSON: "poor",
    PERSON_NAME: "Mia",
    // So that somebody is there when the pictures are made.
    HOURS: "Mo-Su 07:00-23:00 Europe/Oslo",
    TIME_ZONE: "Europe/Oslo",
  },
});
app.clock.advance(Date.now() - app.clock.now());
const server = app.listen();
const { id: sourceId } = await addSource(app.store);
await app.store.putDocument(newDocument({ sourceId, sections: [section(KNOWN)] }));

const images: string[] = [];
const takePicture = async (page: BrowserPage) => void images.push(await imageOf(page, PHONE));
/** Bubbles of the visitor's page, of one side, the last one. */
const LAST = (side: string) => `$$(".log .${side} .bubble").at(-1)?.textContent`;

async function askForPerson(page: BrowserPage): Promise<void> {
  await page.click(".reach");
  await page.fill("#contact", CONTACT);
  await page.fill("#note", NOTE);
  await takePicture(page);
  await page.click(".ask .do");
  await page.waitFor("$('.asked')?.checkVisibility()");
  await page.evaluate("void document.activeElement.blur()");
  await takePicture(page);
}

async function write(owner: BrowserPage, text: string): Promise<void> {
  await owner.click("#words");
  await owner.type(text);
  await owner.press("Enter");
}

// Minutes pass between what is said.
const wait = () => app.clock.advance(100_000);

const visitor = await openPanel(website, server, {
  ...PHONE,
  colorScheme: "light",
  reducedMotion: true,
  attributes: LOOKS,
});
await visitor.cdp("Emulation.setScrollbarsHidden", { hidden: true });
await visitor.cdp("Emulation.setTimezoneOverride", { timezoneId: "Europe/Oslo" });
await ask(visitor, QUESTION);
await visitor.waitFor(`${LAST("assistant")} === ${JSON.stringify(UNKNOWN)}`);
await visitor.click(".rate.down");
await visitor.click(".why .chip:nth-child(2)");
await visitor.click(".why .do");
await askForPerson(visitor);

const owner = await openPage({ ...DESK, colorScheme: "light" });
await logIn(owner, server);
await owner.cdp("Emulation.setScrollbarsHidden", { hidden: true });
await owner.goto(`${server}/dashboard`);
await owner.click(".need.bad a");
await owner.waitFor("$('#takeover button')");
await owner.click("#takeover button");
await owner.waitFor("$('form.composer')?.checkVisibility()");
wait();
await write(owner, OFFER);
await visitor.waitFor(`${LAST("assistant")} === ${JSON.stringify(OFFER)}`);
wait();
await ask(visitor, THANKS);
await owner.waitFor(`$$(".thread .content").at(-1)?.textContent === ${JSON.stringify(THANKS)}`);
wait();
await owner.reload();
await owner.click("#words");
await owner.type(ACCEPTED);
await owner.evaluate("void scrollTo(0, 0)");
await Bun.sleep(500);
const { data } = await owner.cdp<{ data: string }>("Page.captureScreenshot", { format: "png" });
mkdirSync(folder, { recursive: true });
await Bun.write(resolve(folder, "dashboard-people.png"), Buffer.from(data, "base64"));
await owner.press("Enter");
await visitor.waitFor(`${LAST("assistant")} === ${JSON.stringify(ACCEPTED)}`);
await visitor.evaluate("void $('.panel').focus()");
await takePicture(visitor);
await writePhoneSheet(resolve(folder, "people.png"), website, images);

await app.close();
await model.stop();
await website.stop();
process.exit(0);
