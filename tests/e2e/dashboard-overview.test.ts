import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";
import { heading, logIn, mishaps } from "../support/owner-browser.ts";
import { startShop } from "../support/shop-server.ts";

/** The dashboard's first page and its setup page in a real browser, with a small shop's conversations. */

const TIMEOUT_MS = 60_000;

describe.skipIf(!hasBrowser)("the dashboard of a small shop", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startShop();
  }, TIMEOUT_MS);
  afterAll(() => cleanUp());
  afterEach(() => closePages());

  test(
    "shows times in the reader's time zone with UTC as their title, and UTC without scripts",
    async () => {
      const page = await openPage();
      await logIn(page, server.url);
      await page.cdp("Emulation.setTimezoneOverride", { timezoneId: "Asia/Kathmandu" });
      await page.goto(`${server.url}/dashboard/conversations`);
      await page.waitFor(heading("Conversations"));
      await page.click(".list a");
      await page.waitFor(`$(".thread time")`);
      const [shown, title, iso] = await page.evaluate<[string, string, string]>(
        `[$(".thread time").textContent, $(".thread time").title, $(".thread time").dateTime]`,
      );
      const timeIn = (timeZone: string) =>
        new Date(iso).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
      expect(shown).toEndWith(timeIn("Asia/Kathmandu"));
      expect(title).toEndWith(`${timeIn("UTC")} UTC`);
      expect(mishaps(page)).toEqual([]);

      await page.cdp("Emulation.setScriptExecutionDisabled", { value: true });
      await page.reload();
      expect(await page.evaluate(`$(".thread time").textContent`)).toBe(title);
    },
    TIMEOUT_MS,
  );
});
