import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { type BrowserPage, closePages, hasBrowser } from "../support/browser.ts";
import {
  axeViolations,
  heading,
  mishaps,
  openAsOwner,
  OWNER_PASSWORD,
  startFilled,
  WHOLE,
} from "../support/owner-browser.ts";

/** What becomes of what the owner has typed when his session ends before he sends it, in a real browser. */

/** A browser and a server take long on a busy machine. */
const TIMEOUT_MS = 60_000;
const INSTRUCTIONS = "/dashboard/settings/instructions";
const INSTRUCTIONS_TEXT = `$("textarea[name=SYSTEM_PROMPT]")?.value`;
const NOTE_TEXT = `$("form[data-kept] textarea")?.value`;
const NOT_SAVED = "This is what you typed. It is not saved yet.";
const notices = `$$(".notice").map(({ textContent }) => textContent.trim())`;

describe.skipIf(!hasBrowser)("the owner whose session has ended", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startFilled(() => Promise.resolve());
  }, TIMEOUT_MS);
  afterAll(cleanUp);
  afterEach(() => closePages());

  const endSession = (page: BrowserPage) => page.cdp("Network.clearBrowserCookies");

  test(
    "finds the instructions again that he has sent, after a wrong password, too",
    async () => {
      const page = await openAsOwner(server.url, INSTRUCTIONS);
      await page.fill("textarea[name=SYSTEM_PROMPT]", "You sell lamps.");
      await endSession(page);
      await page.click("button[value=save]");
      await page.waitFor(heading("Log in"));
      expect(await page.evaluate(notices)).toEqual([
        "Your session had ended, so nothing was changed.",
        "What you typed is kept, and is shown again on the next page.",
      ]);
      expect(await axeViolations(page)).toEqual([]);
      await page.fill("[name=password]", "not the password");
      await page.press("Enter");
      await page.waitFor(`${WHOLE} && $(".notice.bad")`);
      await page.fill("[name=password]", OWNER_PASSWORD);
      await page.press("Enter");

      await page.waitFor(`${INSTRUCTIONS_TEXT} === "You sell lamps."`);
      expect(await page.evaluate(notices)).toContain(NOT_SAVED);
      expect(await axeViolations(page)).toEqual([]);
      await page.click("button[value=save]");
      await page.waitFor(`location.search.includes("done=")`);
      await page.goto(`${server.url}${INSTRUCTIONS}`);
      expect(await page.evaluate(INSTRUCTIONS_TEXT)).toBe("You sell lamps.");
      expect(await page.evaluate(notices)).not.toContain(NOT_SAVED);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "finds the texts of the widget again, and the widget beside them shows them",
    async () => {
      const page = await openAsOwner(server.url, "/dashboard/settings/widget");
      await page.fill("[name=WIDGET_TITLE]", "Lamps");
      await endSession(page);
      await page.click("#widget-form .primary");
      await page.waitFor(heading("Log in"));
      await page.fill("[name=password]", OWNER_PASSWORD);
      await page.press("Enter");
      await page.waitFor(`$("[name=WIDGET_TITLE]")?.value === "Lamps"`);
      await page.waitFor(`document.activeElement.textContent === "${NOT_SAVED}"`);
      await page.waitFor(`$("[data-preview]").getAttribute("heading") === "Lamps"`);
    },
    TIMEOUT_MS,
  );

  test(
    "finds a note again that another session's page has sent",
    async () => {
      const path = "/dashboard/knowledge/notes";
      const page = await openAsOwner(server.url, path);
      await page.fill("form[data-kept] input[type=text]", "Holidays");
      await page.fill("form[data-kept] textarea", "We are closed.");
      await page.evaluate(`void ($("form[data-kept] [name=formToken]").value = "an older one")`);
      await page.click("form[data-kept] .primary");
      await page.waitFor(`$("[data-form-refused] + .notice")`);
      await page.click("a[href$='/dashboard']");
      await page.waitFor(`${NOTE_TEXT} === "We are closed."`);
      expect(await page.evaluate("location.pathname")).toBe(path);
      await page.click("form[data-kept] .primary");
      await page.waitFor(
        `$("main")?.textContent.includes("Holidays") && !$("[data-kept] textarea")?.value`,
      );
    },
    TIMEOUT_MS,
  );
});

describe.skipIf(!hasBrowser)("the owner who has left a text without sending it", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startFilled(() => Promise.resolve());
  }, TIMEOUT_MS);
  afterAll(cleanUp);
  afterEach(() => closePages());

  test(
    "finds it again with Back, and not on a page that he opens or reloads",
    async () => {
      const page = await openAsOwner(server.url, INSTRUCTIONS);
      const before = await page.waitFor<string>(INSTRUCTIONS_TEXT);
      const isUntouched = `document.readyState === "complete" && ${INSTRUCTIONS_TEXT} === ${JSON.stringify(before)}`;
      const leave = async () => {
        await page.click("nav a[href$='/dashboard/knowledge']");
        await page.waitFor(heading("Knowledge"));
      };
      await page.fill("textarea[name=SYSTEM_PROMPT]", "You sell lamps.");
      await leave();
      await page.evaluate("history.back()");
      await page.waitFor(`${INSTRUCTIONS_TEXT} === "You sell lamps."`);
      await leave();
      await page.goto(`${server.url}${INSTRUCTIONS}`);
      await page.waitFor(isUntouched);
      await page.fill("textarea[name=SYSTEM_PROMPT]", "You sell chairs.");
      await page.reload();
      await page.waitFor(isUntouched);
      expect(mishaps(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
